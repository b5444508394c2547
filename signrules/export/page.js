import { attach, check, checkRequest, entropyBits, generate, progress, requestBody } from "./signrules.js";

const form = document.querySelector("form");
const algorithm = form.elements.namedItem("sign_algorithm");
const summary = document.getElementById("summary");
const WITH_ALGORITHM = __TYPES_WITH_ALGORITHM__;
const CONTEXT = 12; // characters shown on either side of the offending one
const STRONG = 128; // bits
const CLASSES = [/[a-z]/, 26, /[A-Z]/, 26, /[0-9]/, 10, /[_-]/, 2, /[^A-Za-z0-9_-]/, 8];

/** The bits of the fields that hold a generated value: those of a typed one can only be bounded. */
const generated = new Map();

const question = () => {
  const { sign_type, sign_algorithm } = requestBody(form);
  return { sign_type, sign_algorithm };
};

/** At most so many bits, if the value was drawn at random: from as many characters as there are of the kinds that it
 * has, or as it has itself, if they are few. */
function bitsAtMost(characters) {
  const different = new Set(characters).size;
  let kinds = 0;
  for (let n = 0; n < CLASSES.length; n += 2) if (CLASSES[n].test(characters.join(""))) kinds += CLASSES[n + 1];
  return characters.length * Math.log2(different <= characters.length / 4 ? different : kinds);
}

/** An offending character as something that can be seen. */
function visible(character) {
  const names = { " ": "space", "\n": "line break", "\t": "tab" };
  const code = character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  return names[character] ?? (/[\p{C}\p{Z}\p{M}]/u.test(character) ? `U+${code}` : character);
}

const fields = [...document.querySelectorAll("[data-field]")].map((box) => {
  const find = (selector) => box.querySelector(selector);
  const field = box.dataset.field;
  const control = form.elements.namedItem(field);
  const { where, rule, state } = { where: find(".where"), rule: find(".rule"), state: find(".state") };

  find("[data-generate]")?.addEventListener("click", () => {
    try {
      control.value = generate(field, question());
      generated.set(field, entropyBits(field, question()));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      summary.textContent = "Choose a sign_algorithm first: it decides how long the key is.";
      algorithm.focus();
      return;
    }
    control.dispatchEvent(new Event("input", { bubbles: true }));
  });
  find(".where button").addEventListener("click", () => {
    const start = [...control.value].slice(0, where.position).join("").length;
    control.focus();
    control.setSelectionRange(start, start + String.fromCodePoint(control.value.codePointAt(start)).length);
  });
  control.addEventListener("input", ({ isTrusted }) => isTrusted && generated.delete(field));
  control.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault(); // a line break is in no value
    form.requestSubmit();
  });

  const showPlace = (characters, position) => {
    where.hidden = position === undefined;
    const [before, mark, after] = where.querySelector(".excerpt").children;
    if (where.hidden) {
      before.textContent = mark.textContent = after.textContent = "";
      return;
    }
    where.position = position;
    const from = Math.max(0, position - CONTEXT);
    const to = position + 1 + CONTEXT;
    before.textContent = (from ? "…" : "") + characters.slice(from, position).join("");
    mark.textContent = visible(characters[position]);
    after.textContent = characters.slice(position + 1, to).join("") + (to < characters.length ? "…" : "");
    where.querySelector("button").textContent = `Select character ${position + 1}`;
  };

  const showState = (characters, verdict) => {
    const [word, count, strength, meter] = state.children;
    state.hidden = !characters.length;
    word.textContent = verdict;
    word.className = verdict;
    count.textContent = `${characters.length} character${characters.length === 1 ? "" : "s"}`;
    strength.hidden = meter.hidden = verdict !== "valid" || field === "name";
    if (strength.hidden) return;
    const bits = Math.floor(generated.get(field) ?? bitsAtMost(characters));
    strength.textContent =
      (generated.has(field) ? `${bits} bits, drawn at random` : `at most ${bits} bits, if drawn at random`) +
      (bits < STRONG ? `: less than ${STRONG}` : "");
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

const update = () => {
  fields.forEach((show) => show());
  const wrong = new Set(checkRequest(requestBody(form)).map(({ field }) => field));
  const left = [...document.querySelectorAll("[data-optional]")].filter((box) => !requestBody(form)[box.dataset.field]);
  const generates = left.length ? ` The gateway generates ${left.map((box) => box.dataset.field).join(" and ")}.` : "";
  summary.textContent = wrong.size ? `Not yet right: ${[...wrong].join(", ")}.` : `Ready to send.${generates}`;
};

// In the capturing phase, so that the algorithm is in or out before anybody judges.
form.addEventListener(
  "input",
  () => {
    const { sign_type } = requestBody(form);
    algorithm.disabled = !WITH_ALGORITHM.includes(sign_type);
    document.getElementById("algorithm").hidden = algorithm.disabled;
  },
  { capture: true },
);
attach(form);
form.addEventListener("input", update);
form.addEventListener("change", update);
form.addEventListener("reset", () => {
  generated.clear();
  setTimeout(() => form.dispatchEvent(new Event("input")));
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await navigator.clipboard.writeText(JSON.stringify(requestBody(form), null, 2)).then(
    () => (summary.textContent = "Copied as JSON: the clipboard holds the key and the secret."),
    () => (summary.textContent = "The browser does not let this page write to the clipboard."),
  );
});
form.dispatchEvent(new Event("input"));
