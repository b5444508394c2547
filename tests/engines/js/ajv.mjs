// Judges bodies and values by JSON Schema: {body: schema, bodies: […], schemas: […], values: [[schema's index, text], …]}.
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";

const { body, bodies, schemas, values } = JSON.parse(readFileSync(0, "utf8"));
const ajv = new Ajv({ strict: true, strictTypes: true, strictRequired: true, allErrors: true });
const judges = [body, ...schemas].map((schema) => ajv.compile(schema));
const told = (judge, instance) =>
  judge(instance) ? [] : judge.errors.map(({ instancePath, keyword, message }) => [instancePath, keyword, message]);
console.log(
  JSON.stringify({
    bodies: bodies.map((instance) => told(judges[0], instance)),
    values: values.map(([index, text]) => told(judges[index + 1], text)),
  }),
);
