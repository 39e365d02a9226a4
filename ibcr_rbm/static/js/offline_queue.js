// What was typed on this device and is not on the server yet: kept in the browser's own database,
// under who typed it. Pages and the service worker share this file.
//
// A record: {user, token, kind, fields: [[name, text or file]...], title, at, state, problems,
// edition, tried; form and keep, the addresses that it is typed at and kept at; address, where the
// server has it}. States: "begun" (being typed), "ready" (to be sent), "posted" (sent
// as any form, perhaps arrived), "mend" (the server did not take it), "open" (being changed: not
// sent meanwhile). `edition` counts its changes, `tried` is the edition that was first sent.
"use strict";

const queue = (() => {
  const NAME = "ibcr-not-yet-sent";
  let opening;

  function opened() {
    opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("records", { keyPath: ["user", "token"] });
        request.result.createObjectStore("facts");
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return opening;
  }

  // Done when it is on the disk; rejected, with nothing done, when there is no room for it.
  async function act(store, mode, what) {
    const database = await opened();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode, { durability: "strict" });
      const request = what(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  const put = (record) => act("records", "readwrite", (records) => records.put(record));
  const get = (user, token) => act("records", "readonly", (records) => records.get([user, token]));
  const remove = (user, token) =>
    act("records", "readwrite", (records) => records.delete([user, token]));

  // What `to` makes of the record as it is now, in one step; nothing where it is gone or `to`
  // returns nothing. No other page can change it in between.
  const change = (user, token, to) =>
    act("records", "readwrite", (records) => {
      const request = records.get([user, token]);
      request.onsuccess = () => {
        const record = request.result && to(request.result);
        if (record === null) records.delete([user, token]);
        else if (record) records.put(record);
      };
      return request;
    });

  // The records of one person, as they were typed.
  async function of(user) {
    const own = IDBKeyRange.bound([user], [user, []]);
    const records = await act("records", "readonly", (all) => all.getAll(own));
    return records.sort((one, other) => one.at - other.at);
  }

  const size = () => act("records", "readonly", (records) => records.count());
  const who = () => act("facts", "readonly", (facts) => facts.get("who"));
  const setWho = (person) => act("facts", "readwrite", (facts) => facts.put(person, "who"));

  const TITLES = ["title", "year", "reference"];

  // The answers of a form as they are sent; a file field left empty is no answer.
  function fieldsOf(data) {
    return [...data].filter(
      ([name, value]) =>
        name !== "csrfmiddlewaretoken" && (typeof value === "string" || value.name),
    );
  }

  const answer = (fields, name) => fields.find(([one, value]) => one === name && value)?.[1] ?? "";

  function record(user, kind, fields, state) {
    const title = TITLES.map((name) => answer(fields, name)).find(Boolean) ?? "";
    const token = answer(fields, "creation_token");
    const fresh = { problems: [], address: "", edition: 0, at: Date.now() };
    return { user, token, kind, fields, title, state, form: "", keep: "", ...fresh };
  }

  return { put, get, remove, change, of, size, who, setWho, fieldsOf, record };
})();
