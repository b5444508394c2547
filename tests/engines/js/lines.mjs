// Judges each line by the ES module at a path, which reads the body by a bug, if one is named.
import { createInterface } from "node:readline";

const { checkRequest } = await import(process.argv[2]);

const changing = (member, change) => (body) =>
  typeof body?.[member] === "string" ? { ...body, [member]: change(body[member]) } : body;

const reads = {
  "sign_secret:rstrip-spaces": changing("sign_secret", (secret) => secret.replace(/ +$/, "")),
  "name:strip-line-end": changing("name", (name) => name.replace(/[\r\n]+$/, "")),
  "body:case.sign_type": changing("sign_type", (type) => type.toLowerCase()),
  "body:optional.name": (body) =>
    typeof body === "object" && body !== null && !Array.isArray(body) ? { name: "abc", ...body } : body,
};
const read = reads[process.argv[3]] ?? ((body) => body);

for await (const line of createInterface({ input: process.stdin })) {
  const [first] = checkRequest(read(JSON.parse(line)));
  console.log(JSON.stringify({ accepted: first === undefined, member: first?.field ?? null }));
}
