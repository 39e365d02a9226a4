// Autosave of a record's form: on the server while the user types and, offline, on this device; the
// form's last line says where. Saving offline queues the record.
"use strict";

(() => {
  const { getMessage, editedToken, queueUrl } = offline;
  const { records, readFields, buildRecord, getField } = deviceStorage;
  const [DELAY_MS, MAX_DELAY_MS] = [1500, 10000];

  let line = null;
  let form = null;
  let timer = 0;
  let changedAt = 0;
  let isSubmitted = false;
  let isStored = false; // The draft on the device knows that the form is being sent.
  let isQueued = false; // The form shows a record of the queue.
  let saving = new AbortController();
  // This page among all that have the form open, so that none replaces the text of another.
  let page = "";
  let deviceKey = editedToken;
  let deviceEdition; // The edition of the device's draft that this page read or wrote last.

  // A response with errors may have replaced the form (upload_progress.js).
  function isInForm(element) {
    const current = document.querySelector(".form-draft");
    if (current && current !== line) {
      [line, form] = [current, current.closest("form")];
      [isSubmitted, isStored] = [false, false];
      page = line.dataset.page || page || crypto.randomUUID();
      form.addEventListener("formdata", ({ formData }) => formData.set("form_page", page));
    }
    return Boolean(form) && form.contains(element);
  }

  const has = (option) => option in line.dataset;
  const getToken = () => form.elements.creation_token;

  const withElsewhere = (text, isElsewhere) => (isElsewhere ? `${text}. ${getMessage("elsewhere")}` : text);

  async function showDeviceCount(isElsewhere = false) {
    const count = (await offline.loadRecords()).length;
    line.textContent = withElsewhere(`${getMessage("device")} (${count})`, isElsewhere);
    offline.notify();
  }

  // Nothing is lost any more when the user leaves the page.
  const markSaved = () => delete form.dataset.changed;

  // -- On the server ---------------------------------------------------------------------------

  // The connection can end, and the form be submitted, before the whole answer is there.
  const readAnswer = (response) => response.json().catch(() => null);

  // Return whether the server answered: the draft is saved, or refused with a message.
  async function saveOnServer(isLast) {
    if (has("onDevice") || editedToken) return false;
    const data = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    saving = new AbortController();
    const options = { method: "POST", body: new URLSearchParams(data), credentials: "same-origin" };
    Object.assign(options, { keepalive: isLast, signal: saving.signal });
    const response = await fetch(line.dataset.draftUrl, options).catch(() => null);
    if (isSubmitted) return true;
    if (!response || response.redirected || (!response.ok && response.status !== 422)) return false;
    if (response.ok) {
      const user = await offline.user;
      const isOwn = ({ edition }) => edition === deviceEdition;
      const remove = (draft) => (isOwn(draft) ? null : undefined);
      if (user && deviceKey) await records.change(user.id, deviceKey, remove).catch(() => {});
    }
    // 204: the form is empty, or it made its record and the user came back to it.
    const answer = response.status === 204 ? {} : await readAnswer(response);
    if (!answer) return isSubmitted;
    if (response.status === 200) {
      line.textContent = withElsewhere(getMessage("saved"), answer.is_elsewhere);
      markSaved();
    } else line.textContent = answer.message ?? "";
    offline.notify();
    return true;
  }

  // -- On this device --------------------------------------------------------------------------

  async function saveOnDevice(status, submitter = null) {
    const user = await offline.user;
    if (!user || !has("isOwn")) {
      line.textContent = getMessage("nowhere");
      return false;
    }
    const { kind, draftUrl, formUrl } = line.dataset;
    let isElsewhere = false;
    try {
      deviceKey ||= getToken().value;
      let previous = await records.get(user.id, deviceKey);
      isElsewhere = Boolean(previous) && previous.edition !== deviceEdition;
      if (isElsewhere) {
        // Another window wrote this draft: both texts stay.
        [previous, deviceKey, page] = [null, crypto.randomUUID(), crypto.randomUUID()];
      }
      const fields = readFields(new FormData(form));
      if (submitter?.name) fields.push([submitter.name, submitter.value]);
      const record = { ...buildRecord(user.id, kind, fields, status), draftUrl, formUrl };
      const { sentEdition, at } = previous ?? record;
      const edition = previous ? previous.edition + 1 : 0;
      await records.put({ ...record, token: deviceKey, sentEdition, at, edition });
      deviceEdition = edition;
    } catch {
      line.textContent = getMessage("full");
      return false;
    }
    markSaved();
    await showDeviceCount(isElsewhere);
    return true;
  }

  async function save(isLast = false) {
    clearTimeout(timer);
    timer = changedAt = 0;
    if (isSubmitted || (await saveOnServer(isLast))) return;
    if (!isSubmitted) await saveOnDevice(isQueued ? "editing" : "draft");
  }

  function scheduleSave(event) {
    if (!isInForm(event.target)) return;
    const now = Date.now();
    changedAt ||= now;
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(0, Math.min(DELAY_MS, changedAt + MAX_DELAY_MS - now)));
  }

  // -- A draft of this device, opened in its form ----------------------------------------------

  function fillControl(control, values) {
    if (control.type === "checkbox" || control.type === "radio") {
      control.checked = values.includes(control.value);
    } else if (control.type === "file") {
      const files = new DataTransfer();
      for (const file of values) files.items.add(file);
      control.files = files.files;
    } else {
      control.value = values[0] ?? "";
    }
    const details = control.closest("details");
    if (details && values.some(Boolean)) details.open = true;
  }

  async function openDraft() {
    const user = await offline.user;
    const record = user && (await records.get(user.id, editedToken));
    isQueued = Boolean(record) && record.status !== "draft";
    deviceEdition = record?.edition;
    // A form that the server returned with errors has its answers already.
    if (has("hasErrors")) return;
    if (!record) {
      location.replace(queueUrl);
      return;
    }
    for (const control of form.elements) {
      const { name, type } = control;
      if (!name || type === "submit" || name === "csrfmiddlewaretoken") continue;
      const fields = record.fields.filter(([field]) => field === name);
      fillControl(control, fields.map(([, value]) => value));
    }
    page = getField(record, "form_page") || page;
    if (isQueued) {
      await records.change(user.id, editedToken, (draft) => ({ ...draft, status: "editing" }));
    }
    await showDeviceCount();
  }

  // -- Saving ----------------------------------------------------------------------------------

  // A draft of this device is marked before its form is sent: whether it arrived is asked later.
  async function submitOnline(event) {
    isSubmitted = true;
    clearTimeout(timer);
    saving.abort();
    if (!editedToken || isStored) return;
    event.preventDefault();
    await saveOnDevice(isQueued && has("canQueue") ? "sending" : "draft");
    isStored = true;
    delete form.dataset.sent;
    form.requestSubmit(event.submitter);
  }

  async function queueRecord(submitter) {
    if (!form.reportValidity()) return;
    clearTimeout(timer);
    isSubmitted = await saveOnDevice("queued", submitter);
    if (isSubmitted) location.assign(queueUrl);
  }

  // Capture the event before any other script: offline, nothing is sent.
  function submit(event) {
    if (!isInForm(event.target)) return;
    if (navigator.onLine && !has("onDevice")) {
      submitOnline(event);
      return;
    }
    event.preventDefault();
    if (has("canQueue")) queueRecord(event.submitter);
    else save();
  }

  document.addEventListener("input", scheduleSave);
  document.addEventListener("change", scheduleSave);
  document.addEventListener("submit", submit, true);
  window.addEventListener("online", () => form.dataset.changed && save());
  window.addEventListener("pageshow", (event) => {
    // The page was saved before: what is typed now is another text.
    if (event.persisted) [isSubmitted, isStored, page] = [false, false, crypto.randomUUID()];
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && timer) save(true);
  });
  isInForm(document.body);
  if (editedToken) openDraft();
  else getToken().value ||= crypto.randomUUID();
  offline.user.then((user) => {
    if (has("onDevice")) form.elements.form_author.value = user?.id ?? "";
  });
})();
