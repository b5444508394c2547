/**
 * The rules of API gateway signature keys, for browsers and Node. Made from the rule table by `signrules export
 * es_module`; do not edit. No value that is checked here is logged, stored or sent.
 *
 * @typedef {import("./signrules.js").Field} Field
 * @typedef {import("./signrules.js").Question} Question
 * @typedef {import("./signrules.js").Violation} Violation
 * @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control
 */

/**
 * The rules. Where a row does not name a type or an algorithm, any will do; `null` is for a key without an algorithm.
 *
 * @typedef {{ length: string, charset: string, first: string }} Messages
 * @typedef {{ field: string, sign_type?: string, sign_algorithm?: string | null, lengths: [number, number][],
 *   charset: string, first: string, messages: Messages }} Row
 * @type {Row[]}
 */
const ROWS = __ROWS__;

/**
 * @type {Record<"FIELDS" | "FIELDS_BY_TYPE" | "TYPES_WITH_ALGORITHM" | "MEMBERS" | "MANDATORY", string[]>
 *   & { DEFAULT_SIGN_TYPE: import("./signrules.js").SignType, ENUMERATIONS: Record<string, string[]>, MASK: string,
 *   MASKED: string, PORTABLE: string, LONGEST_DEFAULT: number, MESSAGES: Record<string, string> }}
 */
const WORDS = __WORDS__;
const {
  FIELDS, FIELDS_BY_TYPE, TYPES_WITH_ALGORITHM, MEMBERS, MANDATORY, DEFAULT_SIGN_TYPE, ENUMERATIONS, MASK, MASKED,
  PORTABLE, LONGEST_DEFAULT, MESSAGES,
} = WORDS;
const { sign_type: SIGN_TYPES, sign_algorithm: SIGN_ALGORITHMS } = ENUMERATIONS;

/** The row that answers a question. @param {Field} field @param {Question} question @returns {Row} */
function rowFor(field, { sign_type = DEFAULT_SIGN_TYPE, sign_algorithm = null, ...more }) {
  if (Object.keys(more).length) throw new TypeError("a question has only sign_type and sign_algorithm");
  /** @param {string} name @param {string | null} given @param {(string | null)[]} good */
  const mustBe = (name, given, good) => {
    if (!good.includes(given)) throw new RangeError(`${name} must be one of ${good.map(String).join(", ")}`);
  };
  mustBe("field", field, FIELDS);
  mustBe("sign_type", sign_type, SIGN_TYPES);
  mustBe("sign_algorithm", sign_algorithm, [...SIGN_ALGORITHMS, null]);
  const applies = (/** @type {Row} */ row) =>
    row.field === field &&
    (row.sign_type === undefined || row.sign_type === sign_type) &&
    (row.sign_algorithm === undefined || row.sign_algorithm === sign_algorithm);
  return /** @type {Row} */ (ROWS.find(applies));
}

/** @param {string} field @param {string} code @param {string} message @param {number | null} position */
const violation = (field, code, message, position = null) =>
  /** @type {Violation} */ ({ field, code, message, position });

/** @type {typeof import("./signrules.js").rulesFor} */
export function rulesFor(field, question = {}) {
  const { lengths, charset, first } = rowFor(field, question);
  return lengths.map(([min_length, max_length]) => ({ min_length, max_length, charset, first }));
}

/** @type {typeof import("./signrules.js").check} */
export function check(field, value, question = {}) {
  const { lengths, charset, first, messages } = rowFor(field, question);
  if (typeof value !== "string") throw new TypeError("value must be a string");
  const characters = Array.from(value); // code points, as in Python; a lone surrogate is one
  const violations = [];
  if (!lengths.some(([min, max]) => min <= characters.length && characters.length <= max)) {
    violations.push(violation(field, "length", messages.length));
  }
  const position = characters.findIndex((character) => !charset.includes(character));
  if (position >= 0) {
    const masked = characters.slice(position, position + MASK.length).join("") === MASK;
    violations.push(violation(field, "charset", messages.charset + (masked ? MASKED : ""), position));
  }
  if (characters.length && !first.includes(characters[0])) {
    violations.push(violation(field, "first", messages.first, 0));
  }
  return violations;
}

/** @type {typeof import("./signrules.js").isValid} */
export const isValid = (field, value, question = {}) => !check(field, value, question).length;

/** @type {typeof import("./signrules.js").progress} */
export function progress(field, value, question = {}) {
  const violations = check(field, value, question);
  const longest = Math.max(...rowFor(field, question).lengths.flat());
  // More characters can mend only a length. Without a foreign character, the value is ASCII: its units are characters.
  const open = violations.every(({ code }) => code === "length") && value.length < longest;
  return violations.length ? (open ? "incomplete" : "invalid") : "valid";
}

/** The length and the characters of a value to generate. @param {Field} field @param {import("./signrules.js").Generation} options */
function sourceOf(field, { length, alphabet = "portable", ...question }) {
  const { lengths, charset, first, messages } = rowFor(field, question);
  const [[min, max], other] = lengths;
  if (other) throw new RangeError("sign_algorithm must be given to generate this value");
  if (alphabet !== "portable" && alphabet !== "full") throw new RangeError("alphabet must be one of portable, full");
  const size = length ?? Math.min(max, LONGEST_DEFAULT);
  if (!Number.isInteger(size) || size < min || size > max) throw new RangeError(`${field} ${messages.length}`);
  const characters = Array.from(charset).filter((c) => alphabet === "full" || PORTABLE.includes(c));
  return { size, characters, first: characters.filter((c) => first.includes(c)) };
}

/** @type {typeof import("./signrules.js").generate} */
export function generate(field, options = {}) {
  const { size, characters, first } = sourceOf(field, options);
  const usable = 256 - (256 % characters.length); // larger bytes are dropped, for they would favour some characters
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

/** The members of a body. `null`: it is no object, or one that throws while it is read. @param {unknown} body */
function membersOf(body) {
  try {
    if (typeof body !== "object" || !body || Array.isArray(body)) return null;
    return new Map(Object.entries(body).filter(([, value]) => value !== undefined)); // JSON leaves these out too
  } catch {
    return null;
  }
}

/** The question by which the values of these members are judged. @param {Map<string, any>} given */
function questionOf(given) {
  const sign_type = given.has("sign_type") ? given.get("sign_type") : DEFAULT_SIGN_TYPE;
  const sign_algorithm = given.get("sign_algorithm");
  const typeIsKnown = SIGN_TYPES.includes(sign_type);
  const question = {
    sign_type: /** @type {import("./signrules.js").SignType} */ (typeIsKnown ? sign_type : DEFAULT_SIGN_TYPE),
    sign_algorithm: SIGN_ALGORITHMS.includes(sign_algorithm) ? sign_algorithm : null,
  };
  return { typeIsKnown, question };
}

/** @type {typeof import("./signrules.js").checkRequest} */
export function checkRequest(body) {
  const given = membersOf(body);
  if (!given) return [violation("", "type", MESSAGES.object)];
  const { typeIsKnown, question } = questionOf(given);
  /** @type {Violation[]} */
  const violations = [];
  for (const member of MEMBERS) {
    const value = given.get(member);
    if (!given.has(member)) {
      if (MANDATORY.includes(member)) violations.push(violation(member, "missing", MESSAGES.missing));
    } else if (FIELDS_BY_TYPE.includes(member) && !typeIsKnown) {
      continue; // its rule is not known
    } else if (typeof value !== "string") {
      violations.push(violation(member, "type", MESSAGES.string));
    } else if (FIELDS.includes(member)) {
      violations.push(...check(/** @type {Field} */ (member), value, question));
    } else if (!ENUMERATIONS[member].includes(value)) {
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
