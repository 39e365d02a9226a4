// In a record's form: what is typed is kept on the server while one types and, while the link is
// down, on this device; the form's last line says where. Saving without a link puts the record
// among those to be sent.
"use strict";

(() => {
  const line = document.querySelector(".kept");
  const form = line.closest("form");
  const { kind, keep, form: address } = line.dataset;
  const [onDevice, sends, isOwn] = ["onDevice", "sends", "own"].map((one) => one in line.dataset);
  const settings = document.getElementById("offline-words").dataset;
  const { typing } = offline;
  const [REST, LONGEST] = [1500, 10000];

  let timer = 0;
  let since = 0;
  let isOver = false;
  let isHeld = false;
  let isMarked = false;
  let going = new AbortController();

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
    if (onDevice || typing) return false;
    const data = new URLSearchParams(
      [...new FormData(form)].filter(([, value]) => typeof value === "string"),
    );
    const options = { method: "POST", body: data, credentials: "same-origin", keepalive: isLast };
    going = new AbortController();
    const answer = await fetch(keep, { ...options, signal: going.signal }).catch(() => null);
    if (isOver) return true;
    if (!answer || answer.redirected || (!answer.ok && answer.status !== 422)) return false;
    const who = await offline.person;
    if (who) await queue.remove(who.id, form.elements.creation_token.value).catch(() => {});
    if (answer.ok) saved();
    line.textContent = answer.ok ? offline.say("saved") : (await answer.json()).sentence;
    offline.changed();
    return true;
  }

  // -- On this device --------------------------------------------------------------------------

  async function store(fields, state) {
    const who = await offline.person;
    if (!who || !isOwn) throw new Error("nowhere");
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

  function typed() {
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

  async function fill() {
    const who = await offline.person;
    const record = who && (await queue.get(who.id, typing));
    if (!record) {
      location.replace(settings.unsent);
      return;
    }
    for (const control of form.elements) {
      const { name, type } = control;
      if (!name || type === "submit" || name === "csrfmiddlewaretoken") continue;
      fillOne(
        control,
        record.fields.filter(([one]) => one === name).map(([, value]) => value),
      );
    }
    form.elements.creation_token.value = record.token;
    isHeld = record.state !== "begun";
    if (isHeld) await queue.change(who.id, typing, (now) => ({ ...now, state: "open" }));
    form.dispatchEvent(new CustomEvent("filled", { bubbles: true }));
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
    await keptHere(queue.fieldsOf(new FormData(form)), "posted");
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

  form.addEventListener("submit", (event) => {
    if (navigator.onLine && !onDevice) {
      sendNow(event);
      return;
    }
    event.preventDefault();
    if (sends) sendLater(event.submitter);
    else keepNow();
  });

  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  window.addEventListener("online", () => form.dataset.changed && typed());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && timer) keepNow(true);
  });
  // What came back from the server with something to correct has its answers already.
  if (typing && !("returned" in line.dataset)) fill();
  else if (!form.elements.creation_token.value) {
    form.elements.creation_token.value = crypto.randomUUID();
  }
})();
