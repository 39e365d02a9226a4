// Only adds: every page works without it.
"use strict";

// A box that ticks all others of its form: <input type="checkbox" data-all="record">.
document.addEventListener("change", (event) => {
  const name = event.target.dataset && event.target.dataset.all;
  if (!name) return;
  for (const box of event.target.form.querySelectorAll(`input[type="checkbox"][name="${name}"]`)) {
    if (!box.disabled) box.checked = event.target.checked;
  }
});

// A form is sent once: on a slow line a second press would send it again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 8000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// What was typed is not lost by leaving: <form data-keep>.
window.addEventListener("beforeunload", (event) => {
  for (const form of document.querySelectorAll("form[data-keep]")) {
    if (form.dataset.changed && !form.dataset.sent) event.preventDefault();
  }
});
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-keep]");
  if (form) form.dataset.changed = "yes";
});

// Where nobody records, what waits on this device is looked after when there is something, or when
// somebody else sits here now: <template id="offline-words" data-scripts="...">.
{
  const device = document.getElementById("offline-words");
  const { scripts, user } = device ? device.dataset : {};
  if (scripts) {
    const who = localStorage.getItem("who");
    const hasTexts = Object.keys(localStorage).some((key) => key.startsWith(`text ${user} `));
    if (localStorage.getItem("unsent") || hasTexts || (who && who !== user)) {
      for (const address of scripts.split(" ")) {
        const script = document.createElement("script");
        script.src = address;
        script.async = false;
        document.head.append(script);
      }
    } else {
      document.addEventListener("submit", (event) => {
        if (event.target.getAttribute("action")?.endsWith("/logout/")) localStorage.removeItem("who");
      });
    }
  }
}
