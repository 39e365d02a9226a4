// The page of the drafts on this device: lists them, sends, downloads or deletes them, and asks what
// to do with them when the user signs out.
"use strict";

(() => {
  const { getMessage, queueUrl } = offline;
  const { records, texts, getField } = deviceStorage;
  const byId = (id) => document.getElementById(id);
  const HIDDEN_FIELDS = [
    ...["version", "creation_token", "copied", "submit", "another", "is_another"],
    ...["form_author", "form_page", "draft", "draft_version"],
  ];
  const isLeaving = new URLSearchParams(location.search).has("leaving");

  const createElement = (tag, properties) => Object.assign(document.createElement(tag), properties);

  // -- Questions and answers as the cached empty form words them --------------------------------

  const forms = new Map();

  async function loadForm(kind) {
    if (!forms.has(kind)) {
      const cached = await caches.match(`${queueUrl}${kind}/`).catch(() => null);
      const text = cached ? await cached.text() : "";
      forms.set(kind, new DOMParser().parseFromString(text, "text/html"));
    }
    return forms.get(kind);
  }

  const getText = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";

  const findControls = (form, name) =>
    [...form.querySelectorAll("[name]")].filter((control) => control.name === name);

  function formatValue(form, name, value) {
    if (typeof value !== "string") return value.name;
    const controls = findControls(form, name);
    if (controls[0]?.localName === "select") {
      return getText([...controls[0].options].find((option) => option.value === value)) || value;
    }
    const choice = controls.find(
      (control) => control.value === value && control.closest("label.choice"),
    );
    return getText(choice?.closest("label")) || value.trim();
  }

  function getQuestion(form, name) {
    const [control] = findControls(form, name);
    if (!control) return name;
    const label = control.closest("label.choice") ? null : form.querySelector(`[for="${control.id}"]`);
    const legend = control.closest("fieldset")?.querySelector("legend");
    const question = (label ?? legend)?.cloneNode(true);
    question?.querySelector(".optional")?.remove();
    return getText(question).replace(/^\d+\.\s/, "") || name;
  }

  // Field -> its question and its values, in the order of the form, without empty fields.
  async function readAnswers(record) {
    const form = await loadForm(record.kind);
    const answers = new Map();
    for (const [name, value] of record.fields) {
      if (HIDDEN_FIELDS.includes(name) || (typeof value === "string" && !value.trim())) continue;
      if (!answers.has(name)) answers.set(name, { question: getQuestion(form, name), values: [] });
      answers.get(name).values.push(formatValue(form, name, value));
    }
    return answers;
  }

  // -- The list ---------------------------------------------------------------------------------

  function cloneItem(templateId, store, draft, question) {
    const item = byId(templateId).content.firstElementChild.cloneNode(true);
    const part = (name) => item.querySelector(`[data-part="${name}"]`);
    item.dataset.token = draft.token;
    part("delete").addEventListener("click", async () => {
      if (!window.confirm(getMessage(question))) return;
      await store.remove(draft.user, draft.token);
      offline.notify();
      byId("offline-state").focus();
    });
    return [item, part];
  }

  async function buildRecordItem(record) {
    const [item, part] = cloneItem("offline-record", records, record, "confirm-record");
    const format = { dateStyle: "medium", timeStyle: "short" };
    part("title").textContent = record.title || getMessage("untitled");
    part("kind").textContent = getMessage(`kind-${record.kind}`);
    part("at").textContent = new Date(record.at).toLocaleString(document.documentElement.lang, format);
    part("status").textContent = getMessage(`status-${record.status}`);
    part("problems").replaceChildren(
      ...record.problems.map((textContent) =>
        createElement("p", { className: "error", textContent, dir: "auto" }),
      ),
    );
    item.classList.toggle("wrong", record.problems.length > 0);
    part("duplicates").replaceChildren(
      ...(record.duplicateUrls ?? []).map((href) => {
        const link = createElement("a", { href, target: "_blank", rel: "noopener" });
        link.textContent = `${getMessage("duplicate-link")} (${decodeURIComponent(href.split("/").at(-2))})`;
        const item = createElement("p", {});
        item.append(link);
        return item;
      }),
    );
    part("another").hidden = !record.duplicateUrls?.length;
    part("another").addEventListener("click", async () => {
      const confirm = (draft) => ({
        ...draft,
        fields: [...draft.fields, ["is_another", getField(draft, "submit") ? "submit" : "yes"]],
        ...{ status: "queued", problems: [], duplicateUrls: [] },
      });
      await records.change(record.user, record.token, confirm);
      await offline.send();
    });
    part("record").hidden = !record.recordUrl;
    if (record.recordUrl) part("record").href = record.recordUrl;
    for (const { question, values } of (await readAnswers(record)).values()) {
      part("answers").append(
        createElement("dt", { textContent: question }),
        createElement("dd", { textContent: values.join("; "), dir: "auto" }),
      );
    }
    part("change").href = `${record.formUrl}?device_draft=${record.token}`;
    for (const label of item.querySelectorAll(".about")) label.textContent = record.title;
    return item;
  }

  // Token of a text -> why the server rejected it, asked on this page.
  const rejections = new Map();

  // The URL of a text is "/reports/2018/1/draft/text/?..."; its editor is one level above.
  function buildTextItem(draft) {
    const [item, part] = cloneItem("offline-text", texts, draft, "confirm-text");
    const rejection = rejections.get(draft.token);
    part("year").textContent = draft.url.split("/")[2];
    part("text").textContent = draft.text;
    part("problem").hidden = !rejection;
    part("problem").textContent = rejection ?? "";
    item.classList.toggle("wrong", Boolean(rejection));
    part("change").href = draft.url.replace("/text/", "/");
    return item;
  }

  let turn = 0;
  let hadDrafts = false;

  async function showList() {
    const current = ++turn;
    const [ownRecords, ownTexts] = [await offline.loadRecords(), await offline.loadTexts()];
    const items = await Promise.all(ownRecords.map(buildRecordItem));
    items.push(...ownTexts.map(buildTextItem));
    const [user, total] = [await offline.user, await records.count().catch(() => 0)];
    // A later call has fresher drafts.
    if (current !== turn) return;
    const list = byId("offline-list");
    for (const { dataset } of list.querySelectorAll("li:has(details[open])")) {
      const item = items.find((candidate) => candidate.dataset.token === dataset.token);
      if (item) item.querySelector("details").open = true;
    }
    list.replaceChildren(...items);
    const count = items.length;
    const isSignedIn = Boolean(user) && !["signed-out", "other-user"].includes(offline.getState());
    byId("offline-state").textContent = formatState(count, user);
    byId("offline-actions").hidden = !count || (isLeaving && isSignedIn);
    byId("offline-sign-in").hidden = isSignedIn;
    byId("offline-others").hidden = total <= ownRecords.length;
    byId("offline-leaving").hidden = !isLeaving || !count;
    byId("offline-record-count").textContent = ownRecords.length;
    byId("offline-text-count").textContent = ownTexts.length;
    if (isLeaving && hadDrafts && !count && user) await signOut();
    hadDrafts ||= count > 0;
  }

  function formatState(count, user) {
    if (!user) return getMessage("queue-nobody");
    if (!count) return getMessage("queue-empty");
    const state = navigator.onLine ? offline.getState() || "waiting" : "away";
    return `${getMessage(`queue-${state}`)} (${count})`;
  }

  // -- Actions ----------------------------------------------------------------------------------

  async function sendAll() {
    for (const { user, token } of await offline.loadRecords()) {
      await records.change(user, token, (record) =>
        record.status === "draft" || record.recordUrl ? undefined : { ...record, status: "queued" },
      );
    }
    await offline.send();
    await sendTexts();
  }

  // A text that another officer changed stays: the editor shows both.
  async function sendTexts() {
    const drafts = await offline.loadTexts();
    const headers = drafts.length && (await offline.getHeaders().catch(() => null));
    if (!headers) return;
    for (const { user, token, url, name, version, text } of drafts) {
      const body = new URLSearchParams({ name, seen: version, text });
      const response = await fetch(url, { method: "POST", body, headers }).catch(() => null);
      if (!response || response.status >= 500 || response.redirected) continue;
      if (response.ok) await texts.remove(user, token);
      else {
        const answer = await response.json().catch(() => null);
        rejections.set(token, answer?.message ?? getMessage("text-rejected"));
      }
    }
    offline.notify();
  }

  // A cell as in files for import; an apostrophe makes text of what a spreadsheet takes for a formula.
  function formatCell(text) {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",;\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  async function buildCsv(kind, drafts) {
    const rows = await Promise.all(drafts.map(readAnswers));
    const names = [...new Set(rows.flatMap((answers) => [...answers.keys()]))];
    const columns = names.map((name) => (name === "links" ? "evidence_url" : name));
    const cells = rows.map((answers) =>
      names.map((name) => formatCell((answers.get(name)?.values ?? []).join("; "))),
    );
    const text = [columns, ...cells].map((row) => row.join(",")).join("\r\n");
    const name = `${kind}-${getMessage("file-name")}.csv`;
    return new File([`\ufeff${text}\r\n`], name, { type: "text/csv" });
  }

  async function download() {
    const kinds = new Map();
    for (const record of await offline.loadRecords()) {
      kinds.set(record.kind, [...(kinds.get(record.kind) ?? []), record]);
    }
    const files = await Promise.all([...kinds].map(([kind, drafts]) => buildCsv(kind, drafts)));
    const parts = (await offline.loadTexts()).map(({ url, name, text }) => `${url} ${name}\n\n${text}\n`);
    if (parts.length) {
      const name = `${getMessage("file-name")}.txt`;
      files.push(new File([parts.join("\n")], name, { type: "text/plain" }));
    }
    for (const file of files) {
      const href = URL.createObjectURL(file);
      createElement("a", { href, download: file.name }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60000);
    }
  }

  async function signOut() {
    const headers = await offline.getHeaders().catch(() => null);
    if (!headers) {
      byId("offline-state").textContent = getMessage("queue-away");
      return;
    }
    await offline.forgetUser();
    const form = byId("offline-sign-out");
    form.elements.csrfmiddlewaretoken.value = headers["X-CSRFToken"];
    form.submit();
  }

  async function deleteAll() {
    if (!window.confirm(getMessage("confirm-all"))) return;
    for (const { user, token } of await offline.loadRecords()) await records.remove(user, token);
    for (const { user, token } of await offline.loadTexts()) await texts.remove(user, token);
    offline.notify();
  }

  const actions = { send: sendAll, download, leave: signOut, delete: deleteAll };
  document.addEventListener("click", (event) => {
    const name = event.target.closest("[data-action]")?.dataset.action;
    if (name) actions[name]();
  });
  document.addEventListener("drafts", showList);
  window.addEventListener("online", showList);
  window.addEventListener("offline", showList);
  showList();
})();
