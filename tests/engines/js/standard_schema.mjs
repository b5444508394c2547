// Judges values and bodies by the Standard Schemas of the ES module at a path, and the bodies by react-hook-form's
// resolver too: {values: [[field, question, text], …], bodies: […], questions: [[field, question], …]}.
import { readFileSync } from "node:fs";
import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";

const { fieldSchema, requestSchema } = await import(process.argv[2]);
const { values, bodies, questions } = JSON.parse(readFileSync(0, "utf8"));
const resolve = standardSchemaResolver(requestSchema);

/** The issues; none if the answer is the very same value and nothing else. */
function issuesOf(schema, value) {
  const { issues, ...rest } = schema["~standard"].validate(value);
  if (issues ? Object.keys(rest).length : !Object.is(rest.value, value)) throw new Error("neither a value nor issues");
  return issues ?? [];
}

/** The first message of each member; null if the very same body comes back. */
async function resolved(body) {
  const { values, errors } = await resolve(body, undefined, { fields: {}, shouldUseNativeValidation: false });
  if (values === body && !Object.keys(errors).length) return null;
  return Object.fromEntries(Object.entries(errors).map(([member, { message }]) => [member, message]));
}

/** The JSON Schemas for each target, of what goes in and what comes out. */
const jsonSchemas = ({ "~standard": { jsonSchema } }) =>
  Object.fromEntries(
    ["draft-2020-12", "draft-07"].map((target) => [target, [jsonSchema.input({ target }), jsonSchema.output({ target })]]),
  );

console.log(
  JSON.stringify({
    values: values.map(([field, question, value]) => issuesOf(fieldSchema(field, question), value)),
    bodies: bodies.map((body) => issuesOf(requestSchema, body)),
    resolved: await Promise.all(bodies.map(resolved)),
    bodySchemas: jsonSchemas(requestSchema),
    valueSchemas: questions.map((question) => jsonSchemas(fieldSchema(...question))),
  }),
);
