// Enhances a record's form, which works without it: suggests countries by any of their names, and
// shows what the record would count towards while the user types.
"use strict";

(() => {
  const MAX_SUGGESTIONS = 8;
  const CONTRIBUTIONS_DELAY_MS = 600;
  const SCRIPT_TIMEOUT_MS = 5000;

  // Without accents, capitals and punctuation, as the server compares names.
  const foldAccents = (text) =>
    text
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, " ")
      .trim();

  // Pairs of a country's name and its other names: those of the page, else fetched once.
  let fetching = null;
  async function loadNames(source) {
    const options = Array.from(source.options, (option) => [option.value, option.text]);
    if (options.length || !source.dataset.names) return options;
    fetching ??= fetch(source.dataset.names).then((response) => response.json());
    try {
      return await fetching;
    } catch {
      // The server understands the names all the same; the next focus tries again.
      fetching = null;
      return [];
    }
  }

  async function loadCountries(source) {
    return (await loadNames(source)).map(([name, otherNames]) => {
      const all = ` ${foldAccents(`${name} ${otherNames}`)}`;
      // Users write an Arabic name with or without its article.
      return { name, start: foldAccents(name), all: all + all.replaceAll(" \u0627\u0644", " ") };
    });
  }

  // Turn <input list="country-names"> into a combobox that suggests countries by their names in four
  // languages; data-several=";" separates several countries.
  function suggestCountries(field, number) {
    const source = field.list;
    const separator = field.dataset.several;
    let countries = [];
    let active = 0;
    let hasMoved = false;

    const list = document.createElement("ul");
    list.id = `countries-${number}`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", source.dataset.label);
    field.removeAttribute("list");
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    field.parentElement.classList.add("combo");
    field.after(list);

    const getPrefix = () =>
      separator ? field.value.slice(0, field.value.lastIndexOf(separator) + 1) : "";

    function activate(index) {
      active = index;
      for (const [place, item] of Array.from(list.children).entries()) {
        item.setAttribute("aria-selected", String(place === active));
        if (place === active) item.scrollIntoView({ block: "nearest" });
      }
      if (list.hidden) field.removeAttribute("aria-activedescendant");
      else field.setAttribute("aria-activedescendant", `${list.id}-${active}`);
    }

    function showNames(names) {
      list.replaceChildren(
        ...names.map((name, index) => {
          const item = document.createElement("li");
          item.id = `${list.id}-${index}`;
          item.setAttribute("role", "option");
          item.textContent = name;
          return item;
        }),
      );
      list.hidden = names.length === 0;
      field.setAttribute("aria-expanded", String(!list.hidden));
      hasMoved = false;
      activate(0);
    }

    function suggest() {
      const text = foldAccents(field.value.slice(getPrefix().length));
      const matches = text ? countries.filter(({ all }) => all.includes(` ${text}`)) : [];
      const first = matches.filter(({ start }) => start.startsWith(text));
      const names = [...new Set([...first, ...matches])].map(({ name }) => name);
      showNames(names.slice(0, MAX_SUGGESTIONS));
    }

    function select(item) {
      const prefix = getPrefix();
      const suffix = separator ? `${separator} ` : "";
      field.value = `${prefix}${prefix ? " " : ""}${item.textContent}${suffix}`;
      showNames([]);
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }

    field.addEventListener("focus", async () => {
      if (countries.length) return;
      countries = await loadCountries(source);
      if (document.activeElement === field) suggest();
    });
    field.addEventListener("input", suggest);
    field.addEventListener("blur", () => {
      showNames([]);
      if (separator) field.value = field.value.replace(/[;\s]+$/, "");
    });
    field.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const { length } = list.children;
      if (step) {
        hasMoved = true;
        activate((active + step + length) % length);
      } else if (event.key === "Enter" || (event.key === "Tab" && (hasMoved || length === 1))) {
        select(list.children[active]);
        if (event.key === "Tab") return;
      } else if (event.key === "Escape") showNames([]);
      else return;
      event.preventDefault();
    });
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) select(item);
    });
    showNames([]);
  }

  // Update <div data-contributions="url"> while the user types; long texts and files are not sent.
  function updateContributions(panel) {
    const form = panel.closest("form");
    const announcement = document.getElementById("contributions-status");
    const getText = (element) => element.textContent.replace(/\s+/g, " ");
    let timer = 0;
    let query = "";
    let request = new AbortController();

    function readAnswers() {
      const data = new FormData(form);
      for (const field of form.querySelectorAll("textarea, [type=file]")) data.delete(field.name);
      data.delete("is_another");
      return new URLSearchParams(data);
    }

    async function update() {
      const body = readAnswers();
      if (String(body) === query) return;
      query = String(body);
      request.abort();
      request = new AbortController();
      const options = { method: "POST", body, signal: request.signal };
      try {
        const response = await fetch(panel.dataset.contributions, options);
        if (!response.ok || response.redirected) return;
        const page = document.createElement("template");
        page.innerHTML = await response.text();
        if (getText(panel) === getText(page.content)) return;
        panel.replaceChildren(page.content);
        const elements = panel.querySelectorAll("[data-announce]");
        const text = Array.from(elements, (element) => element.innerText).join(" ");
        if (announcement.textContent !== text) announcement.textContent = text;
      } catch {
        // No connection, or a newer request: the panel stays as it is.
        query = "";
      }
    }

    function scheduleUpdate(event) {
      if (panel.contains(event.target)) return;
      clearTimeout(timer);
      timer = setTimeout(update, CONTRIBUTIONS_DELAY_MS);
    }
    form.addEventListener("input", scheduleUpdate);
    form.addEventListener("change", scheduleUpdate);
  }

  // <form data-upload-script="url">: load the script that shows the progress once there are files.
  // Submitting waits for it, though not longer than SCRIPT_TIMEOUT_MS: the form works without.
  let loading = null;
  let isLoaded = false;
  document.addEventListener("change", ({ target }) => {
    const src = target.form?.dataset.uploadScript;
    if (loading || target.type !== "file" || !src) return;
    const script = Object.assign(document.createElement("script"), { src });
    loading = new Promise((resolve) => {
      script.onload = script.onerror = resolve;
      setTimeout(resolve, SCRIPT_TIMEOUT_MS);
    }).then(() => (isLoaded = true));
    document.head.append(script);
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!loading || isLoaded || !form.dataset.uploadScript || event.defaultPrevented) return;
    event.preventDefault();
    form.querySelector("[data-upload]").hidden = false;
    await loading;
    delete form.dataset.sent;
    form.requestSubmit(event.submitter);
  });

  // An answer copied from an earlier record is marked until the user touches it.
  function unmarkCopied({ target }) {
    for (const mark of target.form?.querySelectorAll("[data-copied]") ?? []) {
      const name = mark.dataset.copied;
      if (target.name !== name && !target.name.startsWith(`${name}_`)) continue;
      target.form.querySelector(`[name=copied][value="${name}"]`)?.remove();
      mark.remove();
    }
  }
  document.addEventListener("input", unmarkCopied);
  document.addEventListener("change", unmarkCopied);

  function enhance() {
    const fields = document.querySelectorAll('input[list="country-names"]');
    for (const [number, field] of fields.entries()) suggestCountries(field, number);
    for (const panel of document.querySelectorAll("[data-contributions]")) updateContributions(panel);
  }

  // A response with errors has replaced the form (upload_progress.js).
  document.addEventListener("replaced", enhance);
  enhance();
})();
