/** The rules of API gateway signature keys. Made from the rule table by `signrules export es_module_types`; do not edit. */

export type Field = __FIELDS__;
export type SignType = __SIGN_TYPES__;
export type SignAlgorithm = __SIGN_ALGORITHMS__;
export type Code = __CODES__;
export type Progress = __PROGRESS__;
export type Alphabet = __ALPHABETS__;

/** The kind of signature key. Without `sign_type`, it is __DEFAULT_SIGN_TYPE__. */
export interface Question {
  readonly sign_type?: SignType;
  readonly sign_algorithm?: SignAlgorithm | null;
}

export interface Generation extends Question {
  /** In characters. Without it, the longest that the rule allows, but at most __LONGEST_DEFAULT__. */
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

/** A form element. Where a browser's types are missing, as on a server, no value is one. */
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

/** Every rule that the value breaks; [] is valid. RangeError: a wrong question. TypeError: a value that is no string. */
export declare function check(field: Field, value: string, question?: Question): Violation[];

/** Whether `check` finds nothing. */
export declare function isValid(field: Field, value: string, question?: Question): boolean;

/** While it is being typed: "incomplete" means that more characters could make it valid. */
export declare function progress(field: Field, value: string, question?: Question): Progress;

/** A random value that the rules accept. Of all such values of its length and alphabet, each is equally likely.
 * RangeError: a length or an alphabet that does not exist, or a key whose length depends on the missing algorithm. */
export declare function generate(field: Field, options?: Generation): string;

/** The entropy, in bits, of a value that `generate` makes from the same arguments. */
export declare function entropyBits(field: Field, options?: Generation): number;

/** Everything that is wrong with a request body, in the order of the document. Any value may be given. */
export declare function checkRequest(body: unknown): Violation[];

/** The body that a form stands for: the members that it would send, except those that are blank. Of several values of
 * a member it has the first; `attach` does not let such a form be sent. */
export declare function requestBody(form: Form): { [Member in keyof SignatureKeyRequest]?: string };

/**
 * Live, accessible feedback for a form whose controls are named as the members of the body. A control that is blank or
 * disabled leaves its member out. A form that would send a wrong value is not sent, unless the pressed button has
 * `formnovalidate` or a script calls `form.submit()`, which asks nobody. Returns a function that takes the feedback off
 * again. A script that sets a value should dispatch an `input` event.
 */
export declare function attach(form: Form): () => void;

/** What a schema finds wrong. It holds no part of the value. */
export interface Issue {
  /** For people; its wording may change. */
  readonly message: string;
  /** The member's name. Without it, the issue is about the whole: the body itself, or the value of a field. */
  readonly path?: readonly string[];
}

/**
 * What a form library takes: a Standard Schema and a Standard JSON Schema, version 1. `validate` answers at once, with the
 * very same value or with every issue; it throws for no value.
 */
export interface Schema<Value> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: "signrules";
    readonly validate: (value: unknown) => SchemaVerdict<Value>;
    /** The JSON Schema, new at each call. RangeError: a target that is neither "draft-2020-12" nor "draft-07". */
    readonly jsonSchema: { readonly input: Conversion; readonly output: Conversion };
    /** For type checkers; it is not there at run time. */
    readonly types?: { readonly input: Value; readonly output: Value };
  };
}

export type SchemaVerdict<Value> =
  | { readonly value: Value; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

export type Conversion = (options: { readonly target: string }) => Record<string, unknown>;

/** The schema of a request body. It finds what `checkRequest` finds. */
export declare const requestSchema: Schema<SignatureKeyRequest>;

/** The schema of one value. It finds what `check` finds, and that a value is no string. RangeError: a wrong question. */
export declare function fieldSchema(field: Field, question?: Question): Schema<string>;
