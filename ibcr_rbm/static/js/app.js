// Enhances every page; all of them work without it.
"use strict";

// <input type="checkbox" data-all="record"> ticks all boxes of that name in its form.
document.addEventListener("change", ({ target }) => {
  const name = target.dataset?.all;
  if (!name) return;
  for (const box of target.form.querySelectorAll(`input[type="checkbox"][name="${name}"]`)) {
    if (!box.disabled) box.checked = target.checked;
  }
});

// Send a form once: on a slow connection users press the button again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  else {
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 8000);
  }
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// <form data-confirm-leave>: ask before the user leaves the page with unsaved input.
window.addEventListener("beforeunload", (event) => {
  for (const form of document.querySelectorAll("form[data-confirm-leave]")) {
    if (form.dataset.changed && !form.dataset.sent) event.preventDefault();
  }
});
document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-confirm-leave]");
  if (form) form.dataset.changed = "yes";
});

// <template id="offline-settings" data-scripts="...">: load these only on a device that may have
// drafts, so that pages of figures stay light.
async function loadDraftScripts(urls) {
  const databases = await indexedDB.databases?.();
  if (databases && !databases.some(({ name }) => name === "ibcr-drafts")) return;
  for (const src of urls.split(" ")) {
    document.head.append(Object.assign(document.createElement("script"), { src, async: false }));
  }
}

const { scripts } = document.getElementById("offline-settings")?.dataset ?? {};
if (scripts) loadDraftScripts(scripts);
