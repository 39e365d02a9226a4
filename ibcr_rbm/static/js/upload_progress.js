// Only adds: while files go up, a form with <... data-sending hidden> in it shows how far they are;
// with data-progress also how many rows of them the server looked at, of data-total if that is known.
// Without this script the form is sent all the same.
"use strict";

(() => {
  const EVERY = 500;

  function show(place, share, text = `${share} %`, label = "") {
    const bar = place.querySelector("progress");
    place.hidden = false;
    if (share === null) bar.removeAttribute("value");
    else bar.value = share;
    place.querySelector("output").textContent = text;
    if (label) place.querySelector("label").textContent = label;
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
    form.dataset.sent = "yes";
    if (submitter?.name) {
      const chosen = document.createElement("input");
      chosen.type = "hidden";
      chosen.name = submitter.name;
      chosen.value = submitter.value;
      form.append(chosen);
    }
    HTMLFormElement.prototype.submit.call(form);
  }

  function tellRows(place, rows) {
    const { dataset } = place;
    const total = Number(dataset.total);
    if (total && rows >= total) show(place, null, "", dataset.writing);
    else if (total) show(place, Math.floor((100 * rows) / total), `${rows} / ${total}`, dataset.reading);
    else show(place, null, String(rows), dataset.reading);
  }

  async function watch(place, request) {
    let rows = 0;
    while (request.readyState !== XMLHttpRequest.DONE) {
      tellRows(place, rows);
      await new Promise((resolve) => setTimeout(resolve, EVERY));
      const answer = await fetch(place.dataset.progress).catch(() => null);
      if (answer?.ok) ({ rows } = await answer.json());
    }
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
    request.upload.addEventListener("load", () => {
      if (place.dataset.progress) watch(place, request);
    });
    request.addEventListener("load", () => {
      if (request.status >= 500) {
        // No answer to what was typed: it must not take the form's place.
        sendNatively(form, submitter);
        return;
      }
      form.dataset.sent = "yes";
      delete form.dataset.busy;
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
    if (event.defaultPrevented || !place) return;
    if (files ? !files.files.length : !place.dataset.progress) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    send(form, event.submitter, place);
  });
})();
