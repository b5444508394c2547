/** The rules of API gateway signature keys. Made from the rule table by `signrules export es_module_types`; do not edit. */

export type Field = __FIELDS__;
export type SignType = __SIGN_TYPES__;
export type SignAlgorithm = __SIGN_ALGORITHMS__;
export type Code = __CODES__;
export type Progress = __PROGRESS__;
export type Alphabet = __ALPHABETS__;

/** For which signature key; without `sign_type`: __DEFAULT_SIGN_TYPE__. */
export interface Question {
  readonly sign_type?: SignType;
  readonly sign_algorithm?: SignAlgorithm | null;
}

export interface Generation extends Question {
  /** In characters; without it, the longest that the rule allows, at most __LONGEST_DEFAULT__. */
  readonly length?: number;
  /** "portable", the default: letters, digits, "_" and "-"; "full": all that the rule allows. */
  readonly alphabet?: Alphabet;
}

/** One broken rule. It holds no part of the value. */
export interface Violation {
  /** The member's name, or "" for the body itself. */
  readonly field: string;
  readonly code: Code;
  /** For people; its wording may change. */
  readonly message: string;
  /** Of the first offending character, for "charset" and "first": from 0, in code points. */
  readonly position: number | null;
}

export interface SignatureKeyRequest {
  readonly name: string;
  readonly sign_type?: SignType;
  readonly sign_key?: string;
  readonly sign_secret?: string;
  readonly sign_algorithm?: SignAlgorithm;
}

/** A form element; where there are none, as on a server, nothing is. */
type Form = typeof globalThis extends { HTMLFormElement: { prototype: infer Element } } ? Element : never;

/** One row of the table. */
export interface Rule {
  /** In characters, both included. */
  readonly min_length: number;
  readonly max_length: number;
  /** Every allowed character, and those that may come first. */
  readonly charset: string;
  readonly first: string;
}

/** The rows that apply; a value is valid if any of them accepts it. */
export declare function rulesFor(field: Field, question?: Question): Rule[];

/** Every rule that the value breaks; [] is valid. A wrong question: RangeError; a value that is no string: TypeError. */
export declare function check(field: Field, value: string, question?: Question): Violation[];

/** Whether `check` finds nothing. */
export declare function isValid(field: Field, value: string, question?: Question): boolean;

/** While it is being typed: "incomplete" means that more characters could make it valid. */
export declare function progress(field: Field, value: string, question?: Question): Progress;

/** A random value that the rules accept, uniform over all of its length and alphabet. RangeError: a length or an
 * alphabet that there is not, or a key whose length the missing algorithm decides. */
export declare function generate(field: Field, options?: Generation): string;

/** The entropy, in bits, of what `generate` makes of the same arguments. */
export declare function entropyBits(field: Field, options?: Generation): number;

/** Everything that is wrong with a request body, in the order of the document. Any value may be given. */
export declare function checkRequest(body: unknown): Violation[];

/** The body that a form stands for: of what it would send, the members that are not blank. Of several values with one
 * name, the first; `attach` lets no form go that has them. */
export declare function requestBody(form: Form): { [Member in keyof SignatureKeyRequest]?: string };

/**
 * Live, accessible feedback for a form whose controls are named as the members of the body. A control that is blank or
 * disabled leaves its member out. A form that would send a wrong value is not sent, unless the pressed button has
 * `formnovalidate` or a script calls `form.submit()`, which asks nobody. Returns what takes it off again. Where a script
 * sets a value, let it dispatch an `input` event.
 */
export declare function attach(form: Form): () => void;
