// Only adds: a field for several names suggests the next one too, where the browser alone would
// only suggest the first: <input list="country-names" data-several=";">.
"use strict";

const namesOf = new WeakMap();

function suggestNext(event) {
  const field = event.target;
  const list = field.list;
  if (!list || list.id !== "country-names") return;
  if (!namesOf.has(list)) namesOf.set(list, Array.from(list.options, (option) => option.value));
  const separator = field.dataset.several;
  const end = separator ? field.value.lastIndexOf(separator) : -1;
  const before = end < 0 ? "" : `${field.value.slice(0, end + 1)} `;
  if (list.dataset.before === before) return;
  list.dataset.before = before;
  list.replaceChildren(
    ...namesOf.get(list).map((name) => {
      const option = document.createElement("option");
      option.value = before + name;
      return option;
    }),
  );
}

document.addEventListener("focusin", suggestNext);
document.addEventListener("input", suggestNext);
