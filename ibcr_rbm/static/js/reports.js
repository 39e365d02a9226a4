// Enhances the pages of annual reports: refreshes the progress of a PDF, and saves the texts of a
// draft while they are written.
"use strict";

const POLL_INTERVAL_MS = 3000;

// <div id="..." data-poll="url">: the element of that id in the response replaces it.
function scheduleRefresh(element) {
  setTimeout(async () => {
    if (!element.isConnected) return;
    let current = element;
    try {
      const response = await fetch(element.dataset.poll, { headers: { Accept: "text/html" } });
      if (response.ok) {
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        current = document.adoptNode(page.getElementById(element.id)) || element;
        if (current !== element) element.replaceWith(current);
      }
    } catch {
      // No connection: the next refresh may succeed.
    }
    if (current.dataset.poll) scheduleRefresh(current);
  }, POLL_INTERVAL_MS);
}

for (const element of document.querySelectorAll("[data-poll]")) scheduleRefresh(element);

// <form data-texts="url">: each <textarea name="text:..."> is saved there while it is written, and
// on this device until it is.
const SAVE_DELAY_MS = 1500;
const RETRY_DELAY_MS = 10000;
const KEEPALIVE_LIMIT = 20000;
const form = document.querySelector("form[data-texts]");
const timers = new Map();
const unsaved = new Set();

// -- On this device: a lost connection, an ended session or a closed window loses nothing --------

const getUser = () => Number(form.dataset.user);
const getName = (area) => area.name.slice("text:".length);
const getToken = (area) => `${form.dataset.texts} ${getName(area)}`;
const getVersion = (area) => form.elements[area.name.replace("text:", "seen:")];
const removeFromDevice = (area) =>
  deviceStorage.texts.remove(getUser(), getToken(area)).catch(() => {});

// Return the message that says whether this device has the text.
async function saveOnDevice(area) {
  const [user, token, url] = [getUser(), getToken(area), form.dataset.texts];
  const draft = { user, token, url, name: getName(area), version: getVersion(area).value };
  try {
    await deviceStorage.texts.put({ ...draft, text: area.value, at: Date.now() });
    return form.dataset.here;
  } catch {
    return form.dataset.nowhere;
  }
}

async function restoreText(area) {
  const draft = await deviceStorage.texts.get(getUser(), getToken(area)).catch(() => null);
  if (!draft || unsaved.has(area)) return;
  if (draft.text === area.value) {
    await removeFromDevice(area);
    return;
  }
  getVersion(area).value = draft.version;
  area.value = draft.text;
  updateWordCount(area);
  area.closest("details")?.setAttribute("open", "");
  showMessage(area, form.dataset.restored, true);
  scheduleSave(area, 0);
}

// -- On the server ------------------------------------------------------------------------------

// Show a message below the text, and once for screen readers.
function showMessage(area, message, isWarning = false) {
  let line = area.closest(".control").nextElementSibling;
  if (!line?.matches("[data-message]")) {
    line = document.createElement("p");
    line.dataset.message = "";
    area.closest(".control").after(line);
  }
  line.className = isWarning ? "note warn" : "small muted";
  line.textContent = message;
  if (message !== form.dataset.saving) form.querySelector("[data-status]").textContent = message;
  if (unsaved.size) form.dataset.changed = "yes";
  else delete form.dataset.changed;
}

function scheduleSave(area, delay) {
  unsaved.add(area);
  clearTimeout(timers.get(area));
  timers.set(area, setTimeout(() => saveText(area), delay));
}

async function showFailure(area, message) {
  const place = await saveOnDevice(area);
  if (unsaved.has(area)) showMessage(area, `${message} ${place}`, true);
}

async function saveText(area) {
  clearTimeout(timers.get(area));
  if (!unsaved.has(area) || area.dataset.busy || area.dataset.conflict) return;
  const text = area.value;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("name", getName(area));
  body.set("seen", getVersion(area).value);
  body.set("text", text);
  const options = { method: "POST", body, keepalive: text.length < KEEPALIVE_LIMIT };
  area.dataset.busy = "yes";
  if (navigator.onLine) showMessage(area, form.dataset.saving);
  try {
    const response = await fetch(form.dataset.texts, options);
    if (response.status >= 500) throw new Error(response.statusText);
    const isJson = response.headers.get("Content-Type") === "application/json";
    const answer = isJson ? await response.json() : null;
    if (!answer || response.redirected) await showFailure(area, form.dataset.refused);
    else if (response.ok) await finishSave(area, text, answer);
    else if (response.status === 409) await showConflict(area, answer);
    else await showFailure(area, answer.message);
  } catch {
    await showFailure(area, form.dataset.offline);
    scheduleSave(area, RETRY_DELAY_MS);
  } finally {
    delete area.dataset.busy;
  }
}

async function finishSave(area, text, { version }) {
  getVersion(area).value = version;
  if (area.value === text) {
    unsaved.delete(area);
    await removeFromDevice(area);
  } else {
    await saveOnDevice(area);
    scheduleSave(area, SAVE_DELAY_MS);
  }
  const locale = `${document.documentElement.lang}-u-nu-latn`;
  const time = new Date().toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  showMessage(area, `${form.dataset.saved} ${time}`);
}

// Another officer saved first: show their text, and replace it only when the user says so.
async function showConflict(area, { message, text, version }) {
  area.dataset.conflict = "yes";
  area.closest(".field").querySelector("[data-message]")?.remove();
  const note = document.createElement("div");
  note.className = "note warn";
  note.setAttribute("role", "alert");
  const reason = document.createElement("p");
  reason.textContent = `${message} ${form.dataset.theirs}`;
  const theirs = document.createElement("blockquote");
  Object.assign(theirs, { className: "form-draft", dir: "auto", textContent: text });
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "plain", textContent: form.dataset.mine });
  button.addEventListener("click", () => {
    delete area.dataset.conflict;
    getVersion(area).value = version;
    note.remove();
    area.focus();
    saveText(area);
  });
  note.append(reason, theirs, button);
  area.closest(".control").after(note);
  form.querySelector("[data-status]").textContent = message;
  await saveOnDevice(area);
}

// Update the number of words below a text that has a limit.
function updateWordCount(area) {
  const count = area.closest(".field").querySelector("[data-words]");
  if (count) count.textContent = area.value.split(/\s+/).filter(Boolean).length;
}

if (form) {
  form.querySelector("[data-status]").textContent = form.dataset.itself;
  for (const area of form.querySelectorAll("textarea")) restoreText(area);
  form.addEventListener("input", ({ target }) => {
    if (!target.name.startsWith("text:")) return;
    updateWordCount(target);
    saveOnDevice(target);
    scheduleSave(target, SAVE_DELAY_MS);
  });
  form.addEventListener("focusout", ({ target }) => saveText(target));
  window.addEventListener("online", () => unsaved.forEach(saveText));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") unsaved.forEach(saveText);
  });
}
