// Only adds: the form works without it. A field for countries suggests them by any of their names,
// and the form says while one types what the record will count towards.
"use strict";

(() => {
  const MOST = 8;
  const PATIENCE = 5000;

  /** The text without accents, capitals and punctuation, as the server compares names. */
  const folded = (text) =>
    text
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, " ")
      .trim();

  /** The names of countries, and their other names: those of the page, else fetched once. */
  let fetched = null;
  const wordsOf = async (source) => {
    const options = Array.from(source.options, (option) => [option.value, option.text]);
    if (options.length || !source.dataset.names) return options;
    fetched ??= fetch(source.dataset.names).then((answer) => answer.json());
    try {
      return await fetched;
    } catch {
      // No line: what is typed is understood all the same, and the next visit asks again.
      fetched = null;
      return [];
    }
  };

  /** Turns <input list="country-names"> into a box that suggests countries by their names in four
   * languages; with data-several=";" it goes on to the next one. */
  function suggestCountries(field, number) {
    const source = field.list;
    let countries = [];
    const separator = field.dataset.several;
    const list = document.createElement("ul");
    list.id = `countries-${number}`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", source.dataset.label);
    field.removeAttribute("list");
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    field.parentElement.classList.add("combo");
    field.after(list);
    let active = 0;
    let isSteered = false;

    const before = () =>
      separator ? field.value.slice(0, field.value.lastIndexOf(separator) + 1) : "";
    const show = (names) => {
      list.replaceChildren(
        ...names.map((name, place) => {
          const item = document.createElement("li");
          item.id = `${list.id}-${place}`;
          item.setAttribute("role", "option");
          item.textContent = name;
          return item;
        }),
      );
      list.hidden = names.length === 0;
      field.setAttribute("aria-expanded", String(!list.hidden));
      isSteered = false;
      mark(0);
    };
    const mark = (place) => {
      active = place;
      for (const [index, item] of Array.from(list.children).entries()) {
        item.setAttribute("aria-selected", String(index === active));
        if (index === active) item.scrollIntoView({ block: "nearest" });
      }
      if (list.hidden) field.removeAttribute("aria-activedescendant");
      else field.setAttribute("aria-activedescendant", `${list.id}-${active}`);
    };
    const suggest = () => {
      const typed = folded(field.value.slice(before().length));
      const found = typed ? countries.filter((one) => one.all.includes(` ${typed}`)) : [];
      const first = found.filter((one) => one.start.startsWith(typed));
      show([...new Set([...first, ...found])].slice(0, MOST).map((one) => one.name));
    };
    const take = (item) => {
      const rest = before();
      field.value = `${rest}${rest ? " " : ""}${item.textContent}${separator ? `${separator} ` : ""}`;
      show([]);
      field.dispatchEvent(new Event("change", { bubbles: true }));
    };

    field.addEventListener("focus", async () => {
      if (countries.length) return;
      countries = (await wordsOf(source)).map(([name, others]) => {
        const all = ` ${folded(`${name} ${others}`)}`;
        // An Arabic name is looked for with its article or without.
        return { name, start: folded(name), all: all + all.replaceAll(" \u0627\u0644", " ") };
      });
      if (document.activeElement === field) suggest();
    });
    field.addEventListener("input", suggest);
    field.addEventListener("blur", () => {
      show([]);
      if (separator) field.value = field.value.replace(/[;\s]+$/, "");
    });
    field.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const { length } = list.children;
      if (step) {
        isSteered = true;
        mark((active + step + length) % length);
      } else if (event.key === "Enter" || (event.key === "Tab" && (isSteered || length === 1))) {
        take(list.children[active]);
        if (event.key === "Tab") return;
      } else if (event.key === "Escape") show([]);
      else return;
      event.preventDefault();
    });
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) take(item);
    });
    show([]);
  }

  /** Keeps <div data-foreseen="address"> true to what is typed; long texts and files stay here. */
  function foresee(shown) {
    const form = shown.closest("form");
    const said = document.getElementById("foreseen-said");
    let timer = 0;
    let asked = "";
    let asking = new AbortController();

    const answers = () => {
      const data = new FormData(form);
      for (const field of form.querySelectorAll("textarea, [type=file]")) data.delete(field.name);
      data.delete("is_another");
      return new URLSearchParams(data);
    };
    const ask = async () => {
      const body = answers();
      if (String(body) === asked) return;
      asked = String(body);
      asking.abort();
      asking = new AbortController();
      try {
        const { signal } = asking;
        const response = await fetch(shown.dataset.foreseen, { method: "POST", body, signal });
        if (!response.ok || response.redirected) return;
        const page = document.createElement("template");
        page.innerHTML = await response.text();
        const texts = [shown, page.content].map((part) => part.textContent.replace(/\s+/g, " "));
        if (texts[0] === texts[1]) return;
        shown.replaceChildren(page.content);
        const sentences = Array.from(shown.querySelectorAll("[data-say]"), (one) => one.innerText);
        if (said.textContent !== sentences.join(" ")) said.textContent = sentences.join(" ");
      } catch {
        // No line, or asked anew: what is shown stays, and saving says it.
        asked = "";
      }
    };
    const later = (event) => {
      if (shown.contains(event.target)) return;
      clearTimeout(timer);
      timer = setTimeout(ask, 600);
    };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
  }

  // What shows how far files are is fetched once there are some: <form data-sender="address">. Who
  // saves before it is there waits for it, though no longer than PATIENCE: the form works without.
  let sender = null;
  let isThere = false;
  document.addEventListener("change", ({ target }) => {
    const address = target.form?.dataset.sender;
    if (sender || target.type !== "file" || !address) return;
    const script = Object.assign(document.createElement("script"), { src: address });
    sender = new Promise((resolve) => {
      script.onload = script.onerror = resolve;
      setTimeout(resolve, PATIENCE);
    }).then(() => (isThere = true));
    document.head.append(script);
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!sender || isThere || !form.dataset.sender || event.defaultPrevented) return;
    event.preventDefault();
    form.querySelector("[data-sending]").hidden = false;
    await sender;
    delete form.dataset.sent;
    form.requestSubmit(event.submitter);
  });

  function begin() {
    const fields = document.querySelectorAll('input[list="country-names"]');
    for (const [number, field] of fields.entries()) suggestCountries(field, number);
    for (const shown of document.querySelectorAll("[data-foreseen]")) foresee(shown);
  }

  // Anew when an answer with something to correct has taken the form's place (upload_progress.js).
  document.addEventListener("replaced", begin);
  begin();
})();
