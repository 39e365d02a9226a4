// Enhances a form with files and <... data-upload hidden> in it: shows how much is uploaded and, with
// data-progress, how many rows the server has read, out of data-total if that is known. The form
// works without it.
"use strict";

(() => {
  const POLL_INTERVAL_MS = 500;

  // `percent` is null while there is nothing to measure.
  function showProgress(panel, percent, text = `${percent} %`, label = "") {
    const bar = panel.querySelector("progress");
    panel.hidden = false;
    if (percent === null) bar.removeAttribute("value");
    else bar.value = percent;
    panel.querySelector("output").textContent = text;
    if (label) panel.querySelector("label").textContent = label;
  }

  // Show the response with its errors, as a browser does without this script.
  function showErrors(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    document.title = page.title;
    document.querySelector("main").replaceWith(page.querySelector("main") ?? page.body);
    document.querySelector(".errors")?.focus();
    document.dispatchEvent(new CustomEvent("replaced"));
  }

  function submitNatively(form, submitter) {
    form.dataset.sent = "yes";
    if (submitter?.name) {
      const { name, value } = submitter;
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    HTMLFormElement.prototype.submit.call(form);
  }

  function showRows(panel, rows) {
    const { reading, writing, total } = panel.dataset;
    const count = Number(total);
    if (!count) showProgress(panel, null, String(rows), reading);
    else if (rows >= count) showProgress(panel, null, "", writing);
    else showProgress(panel, Math.floor((100 * rows) / count), `${rows} / ${count}`, reading);
  }

  async function pollRows(panel, request) {
    let rows = 0;
    while (request.readyState !== XMLHttpRequest.DONE) {
      showRows(panel, rows);
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
      const response = await fetch(panel.dataset.progress).catch(() => null);
      if (response?.ok) ({ rows } = await response.json());
    }
  }

  function send(form, submitter, panel) {
    const fields = new FormData(form);
    if (submitter?.name) fields.append(submitter.name, submitter.value);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Sending", "yes");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      form.dataset.sent = "yes";
      showProgress(panel, Math.floor((100 * loaded) / total));
    });
    request.upload.addEventListener("load", () => {
      if (panel.dataset.progress) pollRows(panel, request);
    });
    request.addEventListener("load", () => {
      if (request.status >= 500) {
        // An error page must not replace the form.
        submitNatively(form, submitter);
        return;
      }
      form.dataset.sent = "yes";
      delete form.dataset.busy;
      const url = request.status === 201 && request.getResponseHeader("Location");
      if (url) location.assign(url);
      else showErrors(request.responseText);
    });
    request.addEventListener("error", () => submitNatively(form, submitter));
    showProgress(panel, 0);
    request.send(fields);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const panel = form.querySelector("[data-upload]");
    const files = form.querySelector('input[type="file"]');
    if (event.defaultPrevented || !panel) return;
    if (files ? !files.files.length : !panel.dataset.progress) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    send(form, event.submitter, panel);
  });
})();
