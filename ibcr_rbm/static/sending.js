// Only adds: while files go up, a form with <... data-sending hidden> in it shows how far they are.
// Without this script the form is sent all the same.
"use strict";

(() => {
  function show(place, share) {
    place.hidden = false;
    place.querySelector("progress").value = share;
    place.querySelector("output").textContent = `${share} %`;
  }

  // What the server finds to correct stands in its answer, as it would without this script.
  function correct(text) {
    const answer = new DOMParser().parseFromString(text, "text/html");
    document.title = answer.title;
    document.querySelector("main").replaceWith(answer.querySelector("main") ?? answer.body);
    document.querySelector(".errors")?.focus();
    document.dispatchEvent(new CustomEvent("replaced"));
  }

  function sendNatively(form, submitter) {
    if (submitter?.name) {
      const chosen = document.createElement("input");
      chosen.type = "hidden";
      chosen.name = submitter.name;
      chosen.value = submitter.value;
      form.append(chosen);
    }
    HTMLFormElement.prototype.submit.call(form);
  }

  function send(form, submitter, place) {
    const fields = new FormData(form);
    if (submitter?.name) fields.append(submitter.name, submitter.value);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Sending", "yes");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      form.dataset.sent = "yes";
      show(place, Math.floor((100 * loaded) / total));
    });
    request.addEventListener("load", () => {
      form.dataset.sent = "yes";
      const saved = request.status === 201 && request.getResponseHeader("Location");
      if (saved) location.assign(saved);
      else correct(request.responseText);
    });
    request.addEventListener("error", () => sendNatively(form, submitter));
    show(place, 0);
    request.send(fields);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const place = form.querySelector("[data-sending]");
    const files = form.querySelector('input[type="file"]');
    if (event.defaultPrevented || !place || !files?.files.length) return;
    event.preventDefault();
    send(form, event.submitter, place);
  });
})();
