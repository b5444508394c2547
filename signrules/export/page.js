import { attach, check, checkRequest, entropyBits, generate, progress, requestBody, rulesFor } from "./signrules.js";

const form = document.querySelector("form");
const algorithm = form.elements.namedItem("sign_algorithm");
const summary = document.getElementById("summary");
const WITH_ALGORITHM = __TYPES_WITH_ALGORITHM__;
const algorithmNote = document.getElementById("algorithm-note");
const CONTEXT = 12; // characters shown on either side of the offending one
const STRONG = 128; // bits
const RUNS = [/[a-z]/g, /[A-Z]/g, /[0-9]/g, /[^A-Za-z0-9]/g];

/** The bits of each field that holds a generated value. Those of a typed value can only be bounded. */
const generated = new Map();

const question = () => {
  const { sign_type, sign_algorithm } = requestBody(form);
  return { sign_type, sign_algorithm };
};

/**
 * The most bits that a typed value can have. We assume that it was drawn at random from all the allowed characters of
 * its kinds; or from its own characters alone, if these are so few for its length as they are in no random value.
 */
function bitsAtMost(characters, charset) {
  const different = new Set(characters).size;
  const kinds = RUNS.filter((run) => characters.join("").search(run) >= 0).flatMap((run) => charset.match(run));
  return characters.length * Math.log2(different <= characters.length / 4 ? different : kinds.length);
}

/** The most bits that a generated value of this rule can have. */
const most = (field) => entropyBits(field, { ...question(), alphabet: "full" });

/** An offending character in a form that can be seen, and that differs from characters which look alike. */
function visible(character) {
  const names = { " ": "space", "\n": "line break", "\t": "tab" };
  if (/[!-~]/.test(character)) return character;
  const code = `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return names[character] ?? (/[\p{C}\p{Z}\p{M}]/u.test(character) ? code : `${character} ${code}`);
}

const fields = [...document.querySelectorAll("[data-field]")].map((box) => {
  const find = (selector) => box.querySelector(selector);
  const field = box.dataset.field;
  const control = form.elements.namedItem(field);
  const [where, rule, state, select] = [".where", ".rule", ".state", ".where button"].map(find);
  const isSecret = "optional" in box.dataset;
  let place; // of the offending character

  find("[data-generate]")?.addEventListener("click", ({ currentTarget }) => {
    if (rulesFor(field, question()).length > 1) {
      algorithmNote.textContent = "Choose one first: it decides how long the key is.";
      algorithm.focus();
      return;
    }
    // The value is inserted as if it were typed, so that an undo brings back what it replaces.
    control.focus();
    control.select();
    const value = generate(field, question());
    if (!document.execCommand("insertText", false, value)) control.value = value;
    currentTarget.focus();
    generated.set(field, entropyBits(field, question()));
    update();
  });
  select.addEventListener("click", () => {
    const start = [...control.value].slice(0, place).join("").length;
    control.focus();
    control.setSelectionRange(start, start + String.fromCodePoint(control.value.codePointAt(start)).length);
  });
  control.addEventListener("input", ({ isTrusted }) => isTrusted && generated.delete(field));
  control.addEventListener("keydown", (event) => {
    // Within a composition, Enter ends the composition. Safari shows this only by the number of the key.
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    event.preventDefault(); // a line break is in no value
    form.requestSubmit();
  });

  const showPlace = (characters, position) => {
    place = position;
    where.hidden = position === undefined;
    const [before, mark, after] = where.querySelector(".excerpt").children;
    for (const part of [before, mark, after]) part.textContent = "";
    if (where.hidden) return;
    const from = Math.max(0, position - CONTEXT);
    const to = position + 1 + CONTEXT;
    before.textContent = (from ? "\u2026" : "") + characters.slice(from, position).join("");
    mark.textContent = visible(characters[position]);
    after.textContent = characters.slice(position + 1, to).join("") + (to < characters.length ? "\u2026" : "");
    select.textContent = `Select character ${position + 1} (${mark.textContent})`;
  };

  const showState = (characters, verdict) => {
    const [word, count, strength, meter] = state.children;
    state.hidden = !characters.length;
    word.textContent = verdict;
    word.className = verdict;
    count.textContent = `${characters.length} character${characters.length === 1 ? "" : "s"}`;
    strength.hidden = meter.hidden = verdict !== "valid" || !isSecret;
    if (strength.hidden) return;
    const [{ charset }, other] = rulesFor(field, question());
    const bits = Math.floor(generated.get(field) ?? bitsAtMost(characters, charset));
    const weak = bits < STRONG && !other && most(field) >= STRONG ? `: less than ${STRONG}` : "";
    strength.textContent = (generated.has(field) ? `${bits} bits, drawn` : `at most ${bits} bits, if drawn`) + ` at random${weak}`;
    meter.value = bits;
  };

  return () => {
    const characters = [...control.value];
    const broken = characters.length ? check(field, control.value, question()) : [];
    rule.textContent = control.title;
    const positions = broken.flatMap(({ position }) => position ?? []);
    showPlace(characters, positions.length ? Math.min(...positions) : undefined);
    showState(characters, progress(field, control.value, question()));
  };
});

const fieldNames = [...document.querySelectorAll("[data-field]")].map(({ dataset }) => dataset.field);
const update = () => {
  fields.forEach((show) => show());
  const body = requestBody(form);
  const wrong = new Set(checkRequest(body).map(({ field }) => field));
  const given = fieldNames.filter((field) => body[field]);
  const left = [...document.querySelectorAll("[data-optional]")].map(({ dataset }) => dataset.field);
  const generates = left.filter((field) => !body[field]).join(" and ");
  summary.textContent = wrong.size
    ? given.length ? `Not yet right: ${[...wrong].join(", ")}.` : ""
    : `Ready to send.${generates && ` The gateway generates ${generates}.`}`;
};

const showAlgorithm = () => {
  algorithm.disabled = !WITH_ALGORITHM.includes(requestBody(form).sign_type);
  document.getElementById("algorithm").hidden = algorithm.disabled;
  if (algorithm.value || algorithm.disabled) algorithmNote.textContent = "";
};

// The listeners of the form come first: the algorithm is shown or hidden before `attach` judges, and the page follows.
form.addEventListener("input", showAlgorithm);
showAlgorithm();
attach(form);
for (const name of ["input", "change", "compositionend"]) {
  document.addEventListener(name, ({ isComposing }) => isComposing || update());
}
form.addEventListener("reset", () => {
  generated.clear();
  setTimeout(() => algorithm.dispatchEvent(new Event("input", { bubbles: true })));
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(JSON.stringify(requestBody(form), null, 2));
    summary.textContent = "Copied as JSON: the clipboard holds the key and the secret.";
  } catch {
    summary.textContent = "The browser does not let this page write to the clipboard.";
  }
});
update();
