// Only adds: looks again how far a PDF is, and saves the texts of a draft while they are written.
"use strict";

const AGAIN_AFTER = 3000;

// <div id="..." data-poll="address">: the element of that name in the answer takes its place.
function lookAgain(element) {
  setTimeout(async () => {
    if (!element.isConnected) return;
    let next = element;
    try {
      const answer = await fetch(element.dataset.poll, { headers: { Accept: "text/html" } });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        next = document.adoptNode(page.getElementById(element.id)) || element;
        if (next !== element) element.replaceWith(next);
      }
    } catch {
      // No connection: what stands there stays, and is looked for again.
    }
    if (next.dataset.poll) lookAgain(next);
  }, AGAIN_AFTER);
}

for (const element of document.querySelectorAll("[data-poll]")) lookAgain(element);

// <form data-texts="address">: each <textarea name="text:..."> is saved there while it is written,
// and kept on this device until it is.
const SAVE_AFTER = 1500;
const RETRY_AFTER = 10000;
const form = document.querySelector("form[data-texts]");
const waiting = new Map();
const unsaved = new Set();

// -- On this device: a lost link, an ended session or a closed window loses nothing -------------

const keyOf = (area) => `text ${form.dataset.user} ${form.dataset.texts} ${area.name}`;
const seenOf = (area) => form.elements[area.name.replace("text:", "seen:")];

function keep(area) {
  try {
    localStorage.setItem(keyOf(area), JSON.stringify([seenOf(area).value, area.value]));
    return form.dataset.here;
  } catch {
    return form.dataset.nowhere;
  }
}

function restore(area) {
  const kept = localStorage.getItem(keyOf(area));
  if (kept === null) return;
  const [seen, text] = JSON.parse(kept);
  if (text === area.value) {
    localStorage.removeItem(keyOf(area));
    return;
  }
  seenOf(area).value = seen;
  area.value = text;
  area.closest("details")?.setAttribute("open", "");
  say(area, form.dataset.restored, true);
  later(area, 0);
}

// -- On the server ------------------------------------------------------------------------------

// At the text itself, and once for those who hear the page.
function say(area, sentence, isWrong = false) {
  let line = area.closest(".control").nextElementSibling;
  if (!line?.matches("[data-said]")) {
    line = document.createElement("p");
    line.dataset.said = "";
    area.closest(".control").after(line);
  }
  line.className = isWrong ? "note warn" : "small muted";
  line.textContent = sentence;
  if (sentence !== form.dataset.saving) form.querySelector("[data-status]").textContent = sentence;
  if (unsaved.size) form.dataset.changed = "yes";
  else delete form.dataset.changed;
}

function later(area, after) {
  unsaved.add(area);
  clearTimeout(waiting.get(area));
  waiting.set(area, setTimeout(() => save(area), after));
}

function notSaved(area, sentence) {
  say(area, `${sentence} ${keep(area)}`, true);
}

async function save(area) {
  clearTimeout(waiting.get(area));
  if (!unsaved.has(area) || area.dataset.busy || area.dataset.conflict) return;
  const seen = seenOf(area);
  const sent = area.value;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("name", area.name.slice("text:".length));
  body.set("seen", seen.value);
  body.set("text", sent);
  area.dataset.busy = "yes";
  if (navigator.onLine) say(area, form.dataset.saving);
  try {
    const answer = await fetch(form.dataset.texts, { method: "POST", body, keepalive: sent.length < 20000 });
    if (answer.status >= 500) throw new Error(answer.statusText);
    const told = answer.headers.get("Content-Type") === "application/json" ? await answer.json() : null;
    if (!told || answer.redirected) notSaved(area, form.dataset.refused);
    else if (answer.ok) saved(area, sent, seen, told);
    else if (answer.status === 409) conflict(area, seen, told);
    else notSaved(area, told.said);
  } catch {
    notSaved(area, form.dataset.offline);
    later(area, RETRY_AFTER);
  } finally {
    delete area.dataset.busy;
  }
}

function saved(area, sent, seen, told) {
  seen.value = told.version;
  if (area.value === sent) {
    unsaved.delete(area);
    localStorage.removeItem(keyOf(area));
  } else {
    keep(area);
    later(area, SAVE_AFTER);
  }
  const language = document.documentElement.lang;
  const time = new Date().toLocaleTimeString(`${language}-u-nu-latn`, { hour: "2-digit", minute: "2-digit" });
  say(area, `${form.dataset.saved} ${time}`);
}

// Somebody else was faster: their text is shown, and nothing is replaced unless one says so.
function conflict(area, seen, told) {
  area.dataset.conflict = "yes";
  area.closest(".field").querySelector("[data-said]")?.remove();
  const note = document.createElement("div");
  note.className = "note warn";
  note.setAttribute("role", "alert");
  const said = document.createElement("p");
  said.textContent = `${told.said} ${form.dataset.theirs}`;
  const theirs = document.createElement("blockquote");
  theirs.className = "form-draft";
  theirs.dir = "auto";
  theirs.textContent = told.text;
  const mine = document.createElement("button");
  mine.type = "button";
  mine.className = "plain";
  mine.textContent = form.dataset.mine;
  mine.addEventListener("click", () => {
    delete area.dataset.conflict;
    seen.value = told.version;
    note.remove();
    area.focus();
    save(area);
  });
  note.append(said, theirs, mine);
  area.closest(".control").after(note);
  keep(area);
  form.querySelector("[data-status]").textContent = told.said;
}

if (form) {
  form.querySelector("[data-status]").textContent = form.dataset.itself;
  for (const area of form.querySelectorAll("textarea")) restore(area);
  form.addEventListener("input", (event) => {
    if (!event.target.name.startsWith("text:")) return;
    keep(event.target);
    later(event.target, SAVE_AFTER);
  });
  form.addEventListener("focusout", (event) => {
    if (unsaved.has(event.target)) save(event.target);
  });
  window.addEventListener("online", () => unsaved.forEach(save));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") unsaved.forEach(save);
  });
}
