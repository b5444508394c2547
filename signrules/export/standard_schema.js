// The rules as the schemas that form libraries take: Standard Schema and Standard JSON Schema, version 1.

/** JSON Schemas, without the member `$schema`: of each row, and of a body. @type {Record<string, unknown>[]} */
const VALUE_SCHEMAS = __VALUE_SCHEMAS__;
/** @type {Record<string, unknown>} */
const BODY_SCHEMA = __BODY_SCHEMA__;

/**
 * The JSON Schema in a dialect, as a new object. The two differ here in the name of one keyword.
 * @param {Record<string, unknown>} schema @param {string} target @returns {Record<string, unknown>}
 */
function inDialect({ dependentSchemas, ...schema }, target) {
  const dialects = {
    "draft-2020-12": { $schema: __DIALECT__, ...schema, dependentSchemas },
    "draft-07": { $schema: "http://json-schema.org/draft-07/schema#", ...schema, dependencies: dependentSchemas },
  };
  if (!Object.hasOwn(dialects, target)) {
    throw new RangeError(`target must be one of ${Object.keys(dialects).join(", ")}`);
  }
  return JSON.parse(JSON.stringify(dialects[/** @type {keyof dialects} */ (target)])); // it leaves out what is undefined
}

/**
 * @template Value
 * @param {(value: unknown) => import("./signrules.js").Issue[]} issuesOf @param {Record<string, unknown>} jsonSchema
 * @returns {import("./signrules.js").Schema<Value>}
 */
function schemaOf(issuesOf, jsonSchema) {
  const convert = (/** @type {{ target: string }} */ { target }) => inDialect(jsonSchema, target);
  return {
    "~standard": {
      version: 1,
      vendor: "signrules",
      validate: (value) => {
        const issues = issuesOf(value);
        return issues.length ? { issues } : { value: /** @type {Value} */ (value) };
      },
      jsonSchema: { input: convert, output: convert },
    },
  };
}

/** @type {typeof import("./signrules.js").requestSchema} */
export const requestSchema = schemaOf((body) => {
  const issueOf = (/** @type {import("./signrules.js").Violation} */ { field, code, message }) =>
    field === "" && code === "type" ? { message } : { message, path: [field] }; // a member named "" is unknown
  return checkRequest(body).map(issueOf);
}, BODY_SCHEMA);

/** @type {typeof import("./signrules.js").fieldSchema} */
export function fieldSchema(field, question = {}) {
  const row = rowFor(field, question);
  const asked = { ...question }; // the caller may change the question later
  return schemaOf((value) => {
    if (typeof value !== "string") return [{ message: MESSAGES.string }];
    return check(field, value, asked).map(({ message }) => ({ message }));
  }, VALUE_SCHEMAS[ROWS.indexOf(row)]);
}
