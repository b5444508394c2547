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

/**
 * What a form would send: of each member, the values that are not blank.
 * @param {HTMLFormElement} form @param {HTMLElement | null} submitter
 */
function sentBy(form, submitter = null) {
  const data = new FormData(form, submitter);
  /** @param {FormDataEntryValue} value */
  const isGiven = (value) => (typeof value === "string" ? value : value.name); // a file that was not chosen has no name
  /** @type {[string, FormDataEntryValue[]][]} */
  const values = MEMBERS.map((member) => [member, [...new Set(data.getAll(member).filter(isGiven))]]);
  return new Map(values.filter(([, given]) => given.length));
}

/** @param {ReturnType<typeof sentBy>} sent */
const firstValues = (sent) => Object.fromEntries([...sent].map(([member, [value]]) => [member, value]));

/** @type {typeof import("./signrules.js").requestBody} */
export const requestBody = (form) => /** @type {Record<string, string>} */ (firstValues(sentBy(form)));

/** @type {WeakMap<HTMLFormElement, () => void>} */
const attached = new WeakMap();
const FOREVER_UNSENT = ":disabled, fieldset, output, object, [type=button], [type=reset]";
const NOT_TYPED_IN = "input:read-only, textarea:read-only, select, button";

/** @param {Element} element @param {string} name @param {string | null} value */
const set = (element, name, value) =>
  value === null ? element.removeAttribute(name) : element.setAttribute(name, value);

/** An element for what is wrong. @param {string} name @param {string} value */
function newNote(name, value) {
  const note = document.createElement("p");
  note.className = "signrules-note";
  note.setAttribute(name, value);
  return note;
}

/** @type {typeof import("./signrules.js").attach} */
export function attach(form) {
  const before = attached.get(form);
  if (before) return before;
  /**
   * The form's own property or method: a control with that name hides it.
   * @template {keyof HTMLFormElement} Name @param {Name} name @returns {HTMLFormElement[Name]}
   */
  const own = (name) => {
    const found = Reflect.get(HTMLFormElement.prototype, name, form);
    return typeof found === "function" ? found.bind(form) : found;
  };
  const elements = () => /** @type {Control[]} */ ([...own("elements")]);
  const left = new Set(); // the controls that the user has left once: what is wrong with them is told
  const marked = new Set(); // the controls whose aria-invalid is ours: a server's stays until its control is changed
  /** The notes of the controls, and how to take them off. @type {Map<Control, { note: HTMLElement, undo: () => void }>} */
  const prepared = new Map();
  const general = newNote("role", "alert"); // for what has no control, or one whose note cannot be seen
  /** Our custom validity of each control: any other is not ours to change. @type {Map<Control, string>} */
  const ours = new Map();
  /** @type {Element | null} */
  let composing = null; // the control in which an input method is composing: its value is none yet
  /** @type {(HTMLElement & { form: unknown }) | null} */
  let submitter = null; // the button that was pressed, for its value may be a part of the body
  const listening = new AbortController();
  const { signal } = listening;

  /** @param {Control} control @param {string} message */
  const setValidity = (control, message) => {
    const text = control.willValidate ? message : ""; // read-only, hidden: it would count once it is no longer so
    const last = ours.get(control) ?? "";
    if (text === last || !control.setCustomValidity) return; // a custom element may have none
    if (control.willValidate && control.validity.customError && control.validationMessage !== last) return;
    control.setCustomValidity(text);
    ours.set(control, text);
  };

  /** Its note, made when it is first needed. @param {Control} control @param {string} member @param {Control} last */
  const noteOf = (control, member, last) => {
    const ready = prepared.get(control);
    if (ready) return ready.note;
    /** @type {(() => void)[]} */
    const steps = [];
    /** @param {string} name @param {string | null} value */
    const change = (name, value) => {
      const old = control.getAttribute(name);
      steps.push(() => set(control, name, old));
      set(control, name, value);
    };
    const note = newNote("aria-live", "polite");
    note.id = `signrules-${Math.random().toString(36).slice(2)}`;
    (last.closest("label") ?? last).after(note); // within a label, the note would be a part of the name
    change("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${note.id}`.trim());
    change("aria-invalid", control.getAttribute("aria-invalid"));
    if (FIELDS.includes(member)) {
      // Static attributes are right for one type only, and a maxlength cuts a paste.
      for (const name of ["pattern", "minlength", "maxlength", "title"]) change(name, null);
    }
    prepared.set(control, {
      note,
      undo: () => (setValidity(control, ""), note.remove(), steps.forEach((step) => step()), prepared.delete(control)),
    });
    return note;
  };

  /**
   * Judges what would be sent, and tells it. Returns what is wrong: the controls, or the members that have none.
   * @param {boolean} isSubmitted
   */
  const refresh = (isSubmitted = false) => {
    const sent = sentBy(form, submitter?.form === form ? submitter : null);
    const body = firstValues(sent);
    const { question } = opened(body);
    const violations = checkRequest(body);
    const all = elements();
    const wrong = new Set();
    const chosen = new Set();
    /** @type {string[]} */
    const untold = [];
    for (const member of MEMBERS) {
      const controls = all.filter((each) => each.getAttribute("name") === member && !each.matches(FOREVER_UNSENT));
      const control = controls.find(({ value }) => value) ?? controls[0];
      if (!control && !sent.has(member)) continue; // it is not this form that gives it
      const several = (sent.get(member)?.length ?? 0) > 1; // nobody can say which one a server would take
      const broken = violations.filter(({ field }) => field === member).map(({ message }) => message);
      const message = several ? "must be given once" : broken.join("; ");
      if (message) wrong.add(control ?? member);
      if (message && isSubmitted) left.add(control ?? member);
      let told = left.has(control ?? member) || (sent.has(member) && control?.matches(NOT_TYPED_IN));
      if (FIELDS.includes(member)) {
        const field = /** @type {Field} */ (member);
        told ||= typeof body[member] === "string" && progress(field, body[member], question) === "invalid";
      }
      let note;
      if (control) {
        const last = control.type === "radio" ? controls[controls.length - 1] : control;
        note = noteOf(control, member, last);
        if (FIELDS.includes(member)) {
          control.title = judgeOf(/** @type {Field} */ (member), question).messages.join("; ");
        }
        chosen.add(control);
        setValidity(control, message);
        note.textContent = told ? message || control.validationMessage || "" : ""; // ours, or the browser's for a blank one
        if (note.textContent) marked.add(control);
        if (marked.has(control)) set(control, "aria-invalid", note.textContent ? "true" : null);
      }
      if (told && message && !note?.checkVisibility({ visibilityProperty: true })) untold.push(`${member} ${message}`);
    }
    for (const [control, { undo }] of prepared) if (!chosen.has(control)) undo();
    general.textContent = untold.join("; ");
    if (!untold.length) general.remove();
    else if (!general.parentNode) own("append")(general);
    return wrong;
  };

  /** To the first wrong control; if it takes no focus, to its note, or to the general one. @param {Set<unknown>} wrong */
  const focus = (wrong) => {
    const control = elements().find((each) => wrong.has(each));
    for (const place of [control, control && prepared.get(control)?.note, general]) {
      if (place && place !== control) place.tabIndex = -1;
      place?.focus();
      if (place && place === /** @type {Document} */ (own("getRootNode")()).activeElement) return;
    }
  };

  let pressed = false; // while a button is: a note that appears now would move it, and the click would be lost
  const root = own("isConnected") ? own("getRootNode")() : form;
  /** @param {string} name @param {(event: Event) => void} act @param {boolean} capture @param {EventTarget} where */
  const on = (name, act, capture = false, where = root) => where.addEventListener(name, act, { signal, capture });
  const update = () => {
    if (!signal.aborted && !composing?.isConnected) refresh();
  };
  const later = (/** @type {() => void} */ act) => setTimeout(() => (act(), update()));
  /** Of the form's controls, wherever they stand. @param {string} name @param {(control: Control) => void} act */
  const onControl = (name, act) =>
    on(
      name,
      ({ target }) => {
        const control = /** @type {Control} */ (target);
        if (own("contains")(control) || elements().includes(control)) act(control);
      },
      name === "invalid", // which does not bubble
    );
  onControl("input", (control) => (marked.add(control), (submitter = null), update()));
  for (const name of ["change", "focusout", "invalid"]) {
    onControl(name, (control) => {
      left.add(control);
      if (name === "focusout") composing = null;
      if (!pressed) update();
    });
  }
  onControl("compositionstart", (control) => (composing = control));
  onControl("compositionend", () => ((composing = null), update()));
  on("pointerdown", ({ target }) => {
    pressed = target instanceof Element && target.closest("button, a, input") !== null;
  });
  for (const name of ["pointerup", "pointercancel"]) on(name, () => later(() => (pressed = false)));
  // What a script has set since the last event is judged now, before the browser asks for what was found wrong before.
  on("click", ({ target }) => {
    const button = /** @type {HTMLButtonElement | null} */ (target instanceof Element && target.closest("button, input"));
    if (button?.form !== form) return;
    submitter = ["submit", "image"].includes(button.type) ? button : null;
    update();
  });
  on("reset", ({ target }) => target === form && later(() => left.clear()));
  on("pageshow", update, false, window); // the browser has put back what was typed
  // Before the form's own listeners, which may send it, and after them, for they may have changed it.
  for (const capture of [true, false]) {
    on(
      "submit",
      (event) => {
        if (event.target !== form || (event.defaultPrevented && !capture)) return;
        submitter = /** @type {SubmitEvent & { submitter: HTMLButtonElement | null }} */ (event).submitter;
        if (/** @type {HTMLButtonElement | null} */ (submitter)?.formNoValidate) return;
        const wrong = composing?.isConnected ? null : refresh(true);
        if (wrong && !wrong.size) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        if (wrong) focus(wrong);
      },
      capture,
    );
  }
  refresh();
  const detach = () => {
    listening.abort();
    for (const { undo } of prepared.values()) undo();
    general.remove();
    attached.delete(form);
  };
  attached.set(form, detach);
  return detach;
}
