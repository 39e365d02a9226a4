// Enhances a form with files and <... data-upload hidden> in it: shows how much is uploaded.
// The form works without it.
"use strict";

(() => {
  function showProgress(panel, percent) {
    panel.hidden = false;
    panel.querySelector("progress").value = percent;
    panel.querySelector("output").textContent = `${percent} %`;
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
    if (event.defaultPrevented || !panel || !files?.files.length) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    send(form, event.submitter, panel);
  });
})();
