// In a record's form: what is typed is kept on the server while one types and, while the link is
// down, on this device; the form's last line says where. Saving without a link puts the record
// among those to be sent.
"use strict";

(() => {
  const settings = document.getElementById("offline-words").dataset;
  const { typing } = offline;
  const [REST, LONGEST] = [1500, 10000];

  let line = null;
  let form = null;
  let timer = 0;
  let since = 0;
  let isOver = false;
  let isMarked = false;
  let isHeld = false;
  let going = new AbortController();

  // The form that is there now: an answer with something to correct may have replaced it.
  function isMet(target) {
    const now = document.querySelector(".form-draft");
    if (now && now !== line) {
      [line, form] = [now, now.closest("form")];
      [isOver, isMarked] = [false, false];
    }
    return Boolean(form) && form.contains(target);
  }

  const is = (word) => word in line.dataset;
  const token = () => form.elements.creation_token;

  async function sayDevice() {
    line.textContent = `${offline.say("device")} (${(await offline.unsent()).length})`;
    offline.changed();
  }

  function saved() {
    // Leaving loses nothing now.
    delete form.dataset.changed;
  }

  // -- On the server ---------------------------------------------------------------------------

  // Whether the server answered for it: kept, or refused with a sentence.
  async function keptByServer(isLast) {
    if (is("onDevice") || typing) return false;
    const data = new URLSearchParams(
      [...new FormData(form)].filter(([, value]) => typeof value === "string"),
    );
    const options = { method: "POST", body: data, credentials: "same-origin", keepalive: isLast };
    going = new AbortController();
    const { signal } = going;
    const answer = await fetch(line.dataset.keep, { ...options, signal }).catch(() => null);
    if (isOver) return true;
    if (!answer || answer.redirected || (!answer.ok && answer.status !== 422)) return false;
    // 204: nothing is left to keep, or the form has made its record already and was gone back to.
    const isKept = answer.status === 200;
    if (isKept) line.textContent = offline.say("saved");
    else line.textContent = answer.ok ? "" : (await answer.json()).sentence;
    if (answer.ok) {
      const who = await offline.person;
      if (who) await queue.remove(who.id, token().value).catch(() => {});
    }
    if (isKept) saved();
    offline.changed();
    return true;
  }

  // -- On this device --------------------------------------------------------------------------

  async function store(fields, state) {
    const who = await offline.person;
    if (!who || !is("own")) throw new Error("nowhere");
    const { kind, keep, form: address } = line.dataset;
    const record = { ...queue.record(who.id, kind, fields, state), keep, form: address };
    const before = await queue.get(who.id, record.token);
    const { edition, tried, at } = before ?? record;
    await queue.put({ ...record, tried, at, edition: before ? edition + 1 : 0 });
  }

  async function keptHere(fields, state) {
    try {
      await store(fields, state);
      saved();
      await sayDevice();
      return true;
    } catch (error) {
      line.textContent = offline.say(error.message === "nowhere" ? "nowhere" : "full");
      return false;
    }
  }

  async function keepNow(isLast = false) {
    clearTimeout(timer);
    timer = since = 0;
    if (isOver) return;
    const fields = queue.fieldsOf(new FormData(form));
    if (await keptByServer(isLast)) return;
    if (!isOver) await keptHere(fields, isHeld ? "open" : "begun");
  }

  function typed(event) {
    if (!isMet(event.target)) return;
    const now = Date.now();
    since ||= now;
    clearTimeout(timer);
    timer = setTimeout(keepNow, Math.max(0, Math.min(REST, since + LONGEST - now)));
  }

  // -- A record that waits here, opened to be changed ------------------------------------------

  function fillOne(control, values) {
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

  function fillAll(record) {
    for (const control of form.elements) {
      const { name, type } = control;
      if (!name || type === "submit" || name === "csrfmiddlewaretoken") continue;
      const given = record.fields.filter(([one]) => one === name);
      fillOne(
        control,
        given.map(([, value]) => value),
      );
    }
    token().value = record.token;
    form.dispatchEvent(new CustomEvent("filled", { bubbles: true }));
  }

  // What came back from the server with something to correct has its answers already.
  async function takeUp() {
    const who = await offline.person;
    const record = who && (await queue.get(who.id, typing));
    isHeld = Boolean(record) && record.state !== "begun";
    if (is("returned")) return;
    if (!record) {
      location.replace(settings.unsent);
      return;
    }
    fillAll(record);
    if (isHeld) await queue.change(who.id, typing, (now) => ({ ...now, state: "open" }));
    await sayDevice();
  }

  // -- Saving ----------------------------------------------------------------------------------

  // Sent as any form. One that waits here says so first: whether it arrived is asked afterwards.
  async function sendNow(event) {
    isOver = true;
    clearTimeout(timer);
    going.abort();
    if (!typing || isMarked) return;
    event.preventDefault();
    const state = isHeld && is("sends") ? "posted" : "begun";
    await keptHere(queue.fieldsOf(new FormData(form)), state);
    isMarked = true;
    delete form.dataset.sent;
    form.requestSubmit(event.submitter);
  }

  async function sendLater(submitter) {
    if (!form.reportValidity()) return;
    const fields = queue.fieldsOf(new FormData(form));
    if (submitter?.name) fields.push([submitter.name, submitter.value]);
    clearTimeout(timer);
    isOver = await keptHere(fields, "ready");
    if (isOver) location.assign(settings.unsent);
  }

  // Before any other script: what is kept here is not sent.
  function submitted(event) {
    if (!isMet(event.target)) return;
    if (navigator.onLine && !is("onDevice")) {
      sendNow(event);
      return;
    }
    event.preventDefault();
    if (is("sends")) sendLater(event.submitter);
    else keepNow();
  }

  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("submit", submitted, true);
  window.addEventListener("online", () => form.dataset.changed && keepNow());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) [isOver, isMarked] = [false, false];
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && timer) keepNow(true);
  });
  isMet(document.body);
  if (typing) takeUp();
  else token().value ||= crypto.randomUUID();
})();
