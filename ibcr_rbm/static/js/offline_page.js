// The page of what is not sent yet: its list, what can be done with each record and with all, and
// what becomes of them when somebody signs out.
"use strict";

(() => {
  const by = (id) => document.getElementById(id);
  const words = by("unsent-words").content;
  const say = (name) => words.querySelector(`[data-say="${name}"]`).textContent;
  const kindName = (kind) => words.querySelector(`[data-kind="${kind}"]`)?.textContent ?? kind;
  const settings = by("offline-words").dataset;
  const NOT_ASKED = ["version", "creation_token", "submit", "another", "is_another"];
  const isLeaving = new URLSearchParams(location.search).has("leaving");

  // -- Questions and answers in words, as the empty form has them -------------------------------

  const forms = new Map();

  async function formOf(kind) {
    if (!forms.has(kind)) {
      const kept = await caches.match(`${settings.unsent}${kind}/`).catch(() => null);
      const text = kept ? await kept.text() : "";
      forms.set(kind, new DOMParser().parseFromString(text, "text/html"));
    }
    return forms.get(kind);
  }

  const textOf = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";

  function wordFor(form, name, value) {
    if (typeof value !== "string") return value.name;
    const controls = [...form.querySelectorAll("[name]")].filter((one) => one.name === name);
    const [first] = controls;
    if (first?.localName === "select") {
      return textOf([...first.options].find((one) => one.value === value)) || value;
    }
    const chosen = controls.find((one) => one.value === value && one.closest("label.choice"));
    return textOf(chosen?.closest("label")) || value.trim();
  }

  function questionFor(form, name) {
    const control = [...form.querySelectorAll("[name]")].find((one) => one.name === name);
    if (!control) return name;
    const label = control.closest("label.choice") ? null : form.querySelector(`[for="${control.id}"]`);
    const legend = control.closest("fieldset")?.querySelector("legend");
    const asked = (label ?? legend)?.cloneNode(true);
    asked?.querySelector(".optional")?.remove();
    return textOf(asked).replace(/^\d+\.\s/, "") || name;
  }

  // Field -> its question and its answers, in the order of the form; what is empty is left out.
  async function answersOf(record) {
    const form = await formOf(record.kind);
    const answers = new Map();
    for (const [name, value] of record.fields) {
      if (NOT_ASKED.includes(name) || (typeof value === "string" && !value.trim())) continue;
      if (!answers.has(name)) answers.set(name, { question: questionFor(form, name), words: [] });
      answers.get(name).words.push(wordFor(form, name, value));
    }
    return answers;
  }

  // -- The list ---------------------------------------------------------------------------------

  async function item(record) {
    const one = by("unsent-item").content.firstElementChild.cloneNode(true);
    const part = (name) => one.querySelector(`[data-part="${name}"]`);
    one.dataset.token = record.token;
    part("title").textContent = record.title || say("untitled");
    part("kind").textContent = kindName(record.kind);
    const short = { dateStyle: "medium", timeStyle: "short" };
    part("at").textContent = new Date(record.at).toLocaleString(document.documentElement.lang, short);
    part("state").textContent = say(record.state);
    part("problems").replaceChildren(
      ...record.problems.map((text) =>
        Object.assign(document.createElement("p"), { className: "error", textContent: text, dir: "auto" }),
      ),
    );
    one.classList.toggle("wrong", record.problems.length > 0);
    part("address").hidden = !record.address;
    if (record.address) part("address").href = record.address;
    for (const { question, words: said } of (await answersOf(record)).values()) {
      const row = document.createElement("div");
      row.append(
        Object.assign(document.createElement("dt"), { textContent: question }),
        Object.assign(document.createElement("dd"), { textContent: said.join("; "), dir: "auto" }),
      );
      part("answers").append(...row.childNodes);
    }
    part("change").href = `${record.form}?unsent=${record.token}`;
    for (const button of one.querySelectorAll(".about")) button.textContent = record.title;
    part("delete").addEventListener("click", async () => {
      if (!window.confirm(say("sure"))) return;
      await queue.remove(record.user, record.token);
      offline.changed();
      by("unsent-state").focus();
    });
    return one;
  }

  // Key of a text -> why the server did not take it, asked on this page.
  const refusals = new Map();

  // A text of a report: "/reports/2018/1/draft/text/?..." is saved there, and written above.
  function textItem({ key, address, text }) {
    const one = by("unsent-text").content.firstElementChild.cloneNode(true);
    const part = (name) => one.querySelector(`[data-part="${name}"]`);
    const [, , year] = address.split("/");
    one.dataset.token = key;
    part("year").textContent = year;
    part("text").textContent = text;
    part("problem").hidden = !refusals.has(key);
    part("problem").textContent = refusals.get(key) ?? "";
    one.classList.toggle("wrong", refusals.has(key));
    part("change").href = address.replace("/text/", "/");
    part("delete").addEventListener("click", () => {
      if (!window.confirm(say("sure-text"))) return;
      localStorage.removeItem(key);
      offline.changed();
      by("unsent-state").focus();
    });
    return one;
  }

  let turn = 0;
  let hadSome = false;

  async function show() {
    const mine = ++turn;
    const [records, texts, who] = [await offline.unsent(), await offline.texts(), await offline.person];
    const items = [...(await Promise.all(records.map(item))), ...texts.map(textItem)];
    const number = items.length;
    const all = await queue.size().catch(() => 0);
    if (mine !== turn) return;
    const list = by("unsent-list");
    // What is open stays open while others are sent.
    const open = new Set(
      [...list.querySelectorAll("details[open]")].map((one) => one.closest("li").dataset.token),
    );
    for (const one of items) {
      if (open.has(one.dataset.token)) one.querySelector("details").open = true;
    }
    list.replaceChildren(...items);
    by("unsent-state").textContent = stateFor(number, who);
    const isKnown = !["signed-out", "other"].includes(offline.state()) && Boolean(who);
    const isAsked = isLeaving && number > 0;
    by("unsent-acts").hidden = !number || (isAsked && isKnown);
    by("unsent-sign-in").hidden = isKnown;
    by("unsent-others").hidden = all <= records.length;
    by("unsent-leaving").hidden = !isAsked;
    by("unsent-number").textContent = records.length;
    by("unsent-texts").textContent = texts.length;
    if (isLeaving && hadSome && !number && who) await signOut();
    hadSome ||= number > 0;
  }

  function stateFor(number, who) {
    if (!who) return say("nobody");
    if (!number) return say("none");
    const state = navigator.onLine ? offline.state() : "away";
    return `${say(state || "waiting")} (${number})`;
  }

  // -- Acts -------------------------------------------------------------------------------------

  async function sendAllNow() {
    for (const { user, token } of await offline.unsent()) {
      await queue.change(user, token, (now) =>
        now.state === "begun" || now.address ? undefined : { ...now, state: "ready" },
      );
    }
    await offline.send();
    await sendTexts();
  }

  // One that another officer changed meanwhile stays: its page shows both.
  async function sendTexts() {
    const texts = await offline.texts();
    const headers = texts.length && (await offline.passFor(await offline.person).catch(() => null));
    if (!headers) return;
    for (const { key, address, name, seen, text } of texts) {
      const body = new URLSearchParams({ name, seen, text });
      const answer = await fetch(address, { method: "POST", body, headers }).catch(() => null);
      if (!answer || answer.status >= 500 || answer.redirected) continue;
      if (answer.ok) localStorage.removeItem(key);
      else refusals.set(key, await refusalIn(answer));
    }
    offline.changed();
  }

  const refusalIn = async (answer) =>
    (await answer.json().catch(() => null))?.said ?? say("refused-text");

  // As files for import are written; what a spreadsheet would take for a formula is made text.
  const cell = (text) => {
    const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",;\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  };

  async function fileOf(kind, records) {
    const rows = await Promise.all(records.map(answersOf));
    const names = [...new Set(rows.flatMap((answers) => [...answers.keys()]))];
    const heads = names.map((name) => (name === "links" ? "evidence_url" : name));
    const lines = rows.map((answers) =>
      names.map((name) => cell((answers.get(name)?.words ?? []).join("; "))),
    );
    const text = [heads, ...lines].map((line) => line.join(",")).join("\r\n");
    return new File([`\ufeff${text}\r\n`], `${kind}-${say("file")}.csv`, { type: "text/csv" });
  }

  async function download() {
    const kinds = grouped(await offline.unsent());
    const files = await Promise.all([...kinds].map(([kind, records]) => fileOf(kind, records)));
    const texts = (await offline.texts()).map(({ address, name, text }) => `${address} ${name}\n\n${text}\n`);
    if (texts.length) files.push(new File([texts.join("\n")], `${say("file")}.txt`, { type: "text/plain" }));
    for (const file of files) {
      const link = Object.assign(document.createElement("a"), {
        href: URL.createObjectURL(file),
        download: file.name,
      });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    }
  }

  function grouped(records) {
    const kinds = new Map();
    for (const one of records) kinds.set(one.kind, [...(kinds.get(one.kind) ?? []), one]);
    return kinds;
  }

  async function signOut() {
    const who = await offline.person;
    const headers = await offline.passFor(who).catch(() => null);
    if (!headers) {
      by("unsent-state").textContent = say("away");
      return;
    }
    await offline.leave();
    const form = by("unsent-sign-out");
    form.elements.csrfmiddlewaretoken.value = headers["X-CSRFToken"];
    form.submit();
  }

  async function deleteAndSignOut() {
    if (!window.confirm(say("sure-all"))) return;
    for (const { user, token } of await offline.unsent()) await queue.remove(user, token);
    for (const { key } of await offline.texts()) localStorage.removeItem(key);
    offline.changed();
  }

  const acts = { send: sendAllNow, download, leave: signOut, delete: deleteAndSignOut };
  document.addEventListener("click", (event) => {
    const name = event.target.closest("[data-act]")?.dataset.act;
    if (name) acts[name]();
  });
  document.addEventListener("unsent", show);
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  show();
})();
