// Fills in a form of react-hook-form and sends it, without a browser: {name: text, …} gives what is sent and the errors.
// The form judges by the ES module at a path, first as it is, and then with blank controls left out.
import { readFileSync } from "node:fs";
import { createFormControl } from "react-hook-form";
import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";

const { requestSchema } = await import(process.argv[2]);
const typed = JSON.parse(readFileSync(0, "utf8"));

async function sent(options) {
  const form = createFormControl({ resolver: standardSchemaResolver(requestSchema) });
  for (const [name, value] of Object.entries(typed)) {
    const { ref, onChange } = form.register(name, options);
    const control = { name, type: "text", value: "" }; // as much of an <input> as the library looks at
    ref(control);
    control.value = value;
    await onChange({ type: "change", target: control });
  }
  const answer = { body: null, errors: {} };
  await form.handleSubmit(
    (body) => Object.assign(answer, { body }),
    (errors) => Object.entries(errors).forEach(([member, { message }]) => (answer.errors[member] = message)),
  )();
  return answer;
}

console.log(JSON.stringify([await sent({}), await sent({ setValueAs: (value) => value || undefined })]));
