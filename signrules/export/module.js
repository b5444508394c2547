/**
 * The rules of API gateway signature keys, for browsers and Node. Made from the rule table by `signrules export
 * es_module`; do not edit. No value that is checked here is logged, stored or sent.
 *
 * @typedef {import("./signrules.js").Field} Field
 * @typedef {import("./signrules.js").Question} Question
 * @typedef {import("./signrules.js").Violation} Violation
 * @typedef {{ field: Field, lengths: number[][], charset: string, first: string, messages: string[] }} Judge
 * @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control
 */

/**
 * @type {Record<"FIELDS" | "FIELDS_BY_TYPE" | "SIGN_TYPES" | "TYPES_WITH_ALGORITHM" | "SIGN_ALGORITHMS" | "MEMBERS"
 *   | "MANDATORY", string[]> & { DEFAULT_SIGN_TYPE: import("./signrules.js").SignType, MASK: string, MASKED: string,
 *   PORTABLE: string, LONGEST_DEFAULT: number, MESSAGES: Record<string, string>, SETS: [number, string, string][],
 *   ROWS: [number[][], number, number, string][], JUDGES: number[][][] }}
 */
const TABLE = __TABLE__;
const {
  FIELDS, FIELDS_BY_TYPE, SIGN_TYPES, TYPES_WITH_ALGORITHM, SIGN_ALGORITHMS, MEMBERS, MANDATORY, DEFAULT_SIGN_TYPE,
  MASK, MASKED, PORTABLE, LONGEST_DEFAULT, MESSAGES, SETS, ROWS, JUDGES,
} = TABLE;

/** The judge of a question. @param {Field} field @param {Question} question @returns {Judge} */
function judgeOf(field, { sign_type = DEFAULT_SIGN_TYPE, sign_algorithm = null, ...more }) {
  if (Object.keys(more).length) throw new TypeError("a question has only sign_type and sign_algorithm");
  /** @param {string} name @param {(string | null)[]} good @param {string | null} given */
  const index = (name, good, given) => {
    if (!good.includes(given)) throw new RangeError(`${name} must be one of ${good.map(String).join(", ")}`);
    return good.indexOf(given);
  };
  const byType = JUDGES[index("field", FIELDS, field)][index("sign_type", SIGN_TYPES, sign_type)];
  const row = byType[index("sign_algorithm", [...SIGN_ALGORITHMS, null], sign_algorithm)];
  const [lengths, charset, first, message] = ROWS[row];
  const [[allowed, foreign], [firsts, wrong]] = [charset, first].map((set) => {
    const [alike, rest, told] = SETS[set];
    return [PORTABLE.slice(0, alike) + rest, told];
  });
  return { field, lengths, charset: allowed, first: firsts, messages: [message, foreign, wrong] };
}

/** @param {string} field @param {string} code @param {string} message @param {number | null} position */
const violation = (field, code, message, position = null) =>
  /** @type {Violation} */ ({ field, code, message, position });

/** @type {typeof import("./signrules.js").rulesFor} */
export function rulesFor(field, question = {}) {
  const { lengths, charset, first } = judgeOf(field, question);
  return lengths.map(([min_length, max_length]) => ({ min_length, max_length, charset, first }));
}

/** @type {typeof import("./signrules.js").check} */
export function check(field, value, question = {}) {
  const { lengths, charset, first, messages } = judgeOf(field, question);
  if (typeof value !== "string") throw new TypeError("value must be a string");
  const characters = Array.from(value); // code points, as in Python; a lone surrogate is one
  const violations = [];
  if (!lengths.some(([min, max]) => min <= characters.length && characters.length <= max)) {
    violations.push(violation(field, "length", messages[0]));
  }
  const position = characters.findIndex((character) => !charset.includes(character));
  if (position >= 0) {
    const masked = characters.slice(position, position + MASK.length).join("") === MASK;
    violations.push(violation(field, "charset", messages[1] + (masked ? MASKED : ""), position));
  }
  if (characters.length && !first.includes(characters[0])) violations.push(violation(field, "first", messages[2], 0));
  return violations;
}

/** @type {typeof import("./signrules.js").isValid} */
export const isValid = (field, value, question = {}) => !check(field, value, question).length;

/** @type {typeof import("./signrules.js").progress} */
export function progress(field, value, question = {}) {
  const violations = check(field, value, question);
  const longest = Math.max(...judgeOf(field, question).lengths.flat());
  // Only a length can be mended by typing on. What has no foreign character is ASCII: its units are its characters.
  const open = violations.every(({ code }) => code === "length") && value.length < longest;
  return violations.length ? (open ? "incomplete" : "invalid") : "valid";
}

/** What a value is made from. @param {Field} field @param {import("./signrules.js").Generation} options */
function sourceOf(field, { length, alphabet = "portable", ...question }) {
  const { lengths, charset, first, messages } = judgeOf(field, question);
  const [[min, max], other] = lengths;
  if (other) throw new RangeError("sign_algorithm must be given to generate this value");
  if (alphabet !== "portable" && alphabet !== "full") throw new RangeError("alphabet must be one of portable, full");
  const size = length ?? Math.min(max, LONGEST_DEFAULT);
  if (!Number.isInteger(size) || size < min || size > max) throw new RangeError(`${field} ${messages[0]}`);
  const characters = Array.from(charset).filter((c) => alphabet === "full" || PORTABLE.includes(c));
  return { size, characters, first: characters.filter((c) => first.includes(c)) };
}

/** @type {typeof import("./signrules.js").generate} */
export function generate(field, options = {}) {
  const { size, characters, first } = sourceOf(field, options);
  const usable = 256 - (256 % characters.length); // bytes from here on would favour some characters: dropped
  let text = "";
  while (text.length < size) {
    for (const byte of crypto.getRandomValues(new Uint8Array(256))) {
      const character = characters[byte % characters.length];
      if (byte < usable && text.length < size && (text || first.includes(character))) text += character;
    }
  }
  return text;
}

/** @type {typeof import("./signrules.js").entropyBits} */
export function entropyBits(field, options = {}) {
  const { size, characters, first } = sourceOf(field, options);
  return Math.log2(first.length) + (size - 1) * Math.log2(characters.length);
}

/** The members that are given, and the question of their values. @param {object} body */
function opened(body) {
  const given = new Map(Object.entries(body).filter(([, value]) => value !== undefined)); // JSON leaves them out too
  const sign_type = given.has("sign_type") ? given.get("sign_type") : DEFAULT_SIGN_TYPE;
  const sign_algorithm = given.get("sign_algorithm");
  const typeIsKnown = SIGN_TYPES.includes(sign_type);
  const question = {
    sign_type: /** @type {import("./signrules.js").SignType} */ (typeIsKnown ? sign_type : DEFAULT_SIGN_TYPE),
    sign_algorithm: SIGN_ALGORITHMS.includes(sign_algorithm) ? sign_algorithm : null,
  };
  return { given, typeIsKnown, question };
}

/** @type {typeof import("./signrules.js").checkRequest} */
export function checkRequest(body) {
  if (typeof body !== "object" || !body || Array.isArray(body)) return [violation("", "type", MESSAGES.object)];
  const { given, typeIsKnown, question } = opened(body);
  /** @type {Violation[]} */
  const violations = [];
  for (const member of MEMBERS) {
    const value = given.get(member);
    if (!given.has(member)) {
      if (MANDATORY.includes(member)) violations.push(violation(member, "missing", MESSAGES.missing));
    } else if (FIELDS_BY_TYPE.includes(member) && !typeIsKnown) {
      continue; // nobody can say
    } else if (typeof value !== "string") {
      violations.push(violation(member, "type", MESSAGES.string));
    } else if (FIELDS.includes(member)) {
      violations.push(...check(/** @type {Field} */ (member), value, question));
    } else if (!(member === "sign_type" ? SIGN_TYPES : SIGN_ALGORITHMS).includes(value)) {
      violations.push(violation(member, "unknown", MESSAGES[member]));
    } else if (member === "sign_algorithm" && typeIsKnown && !TYPES_WITH_ALGORITHM.includes(question.sign_type)) {
      violations.push(violation(member, "forbidden", MESSAGES.forbidden));
    }
  }
  for (const member of given.keys()) {
    if (!MEMBERS.includes(member)) violations.push(violation(member, "unknown", MESSAGES.member));
  }
  return violations;
}

/** @type {typeof import("./signrules.js").requestBody} */
export function requestBody(form) {
  const data = new FormData(form);
  return Object.fromEntries(MEMBERS.flatMap((member) => (data.get(member) ? [[member, data.get(member)]] : [])));
}

/** @type {WeakMap<HTMLFormElement, () => void>} */
const attached = new WeakMap();

/** @param {Element} element @param {string} name @param {string | null} value */
const set = (element, name, value) =>
  value === null ? element.removeAttribute(name) : element.setAttribute(name, value);

/** @type {typeof import("./signrules.js").attach} */
export function attach(form) {
  const before = attached.get(form);
  if (before) return before;
  const left = new Set(); // the controls that the user has left once: what is wrong with them is told
  const marked = new Set(); // the controls whose aria-invalid is ours: a server's stays until its control is changed
  /** @type {(() => void)[]} */
  const undo = [];
  const listening = new AbortController();
  const { signal } = listening;

  const fields = MEMBERS.flatMap((member) => {
    const controls = /** @type {Control[]} */ ([...form.elements].filter((each) => each.getAttribute("name") === member));
    const [control] = controls;
    if (!control) return [];
    /** @param {string} name @param {string | null} value */
    const change = (name, value) => {
      const old = control.getAttribute(name);
      undo.unshift(() => set(control, name, old));
      set(control, name, value);
    };
    const note = document.createElement("p");
    note.id = `signrules-${Math.random().toString(36).slice(2)}`;
    note.className = "signrules-note";
    note.setAttribute("aria-live", "polite");
    const last = controls[controls.length - 1]; // of radio buttons; within a label, the note would be a part of the name
    (last.closest("label") ?? last).after(note);
    undo.push(() => (note.remove(), control.setCustomValidity("")));
    change("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${note.id}`.trim());
    change("aria-invalid", control.getAttribute("aria-invalid"));
    if (FIELDS.includes(member)) {
      // Static attributes are right for one type only, and a maxlength cuts a paste.
      for (const name of ["pattern", "minlength", "maxlength", "title"]) change(name, null);
    }
    return [{ member, control, note }];
  });

  const refresh = () => {
    if (signal.aborted) return;
    const body = requestBody(form);
    const violations = checkRequest(body);
    const { question } = opened(body);
    for (const { member, control, note } of fields) {
      let told = left.has(control);
      if (FIELDS.includes(member)) {
        const field = /** @type {Field} */ (member);
        told ||= progress(field, control.value, question) === "invalid";
        control.title = judgeOf(field, question).messages.join("; ");
      }
      const broken = violations.filter((found) => found.field === member);
      control.setCustomValidity(broken.map(({ message }) => message).join("; "));
      note.textContent = told ? control.validationMessage : ""; // ours, or the browser's for a blank one
      if (note.textContent) marked.add(control);
      if (marked.has(control)) set(control, "aria-invalid", note.textContent ? "true" : null);
    }
  };
  let pressed = false; // while a button is: a note that appears now would move it, and the click would be lost
  /** @param {string} name @param {(event: Event) => void} act @param {EventTarget} where */
  const on = (name, act, where = form.getRootNode()) =>
    where.addEventListener(name, act, { signal, capture: name === "invalid" }); // which does not bubble
  /** Of the form's controls, wherever they stand. @param {string} name @param {Set<unknown>} noted */
  const onControl = (name, noted) =>
    on(name, ({ target }) => {
      if (/** @type {Control} */ (target).form !== form) return;
      noted.add(target);
      if (!pressed || noted === marked) refresh();
    });
  onControl("input", marked);
  for (const name of ["change", "focusout", "invalid"]) onControl(name, left);
  on("pointerdown", ({ target }) => {
    pressed = target instanceof Element && target.closest("button, a, input") !== null;
  });
  for (const name of ["pointerup", "pointercancel"]) on(name, () => setTimeout(() => ((pressed = false), refresh())));
  on("reset", () => setTimeout(() => (left.clear(), refresh())), form);
  on("pageshow", refresh, window); // the browser has put back what was typed
  // What a script has set since the last event is judged now.
  on(
    "submit",
    (event) => {
      refresh();
      const { submitter } = /** @type {SubmitEvent & { submitter: HTMLButtonElement | null }} */ (event);
      if (!form.noValidate && !submitter?.formNoValidate && !form.reportValidity()) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    },
    form,
  );
  refresh();
  const detach = () => {
    listening.abort();
    undo.forEach((step) => step());
    attached.delete(form);
  };
  attached.set(form, detach);
  return detach;
}
