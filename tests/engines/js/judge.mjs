// Judges values and bodies by the ES module: in node by itself, in a browser when the test calls it there.

/** The JSON text {values: [[field, question, text], …], bodies: […]} with an answer in the place of each. */
export function judge(signrules, text) {
  const { values, bodies } = JSON.parse(text);
  return JSON.stringify({
    values: values.map(([field, question, value]) => [
      signrules.check(field, value, question),
      signrules.isValid(field, value, question),
      signrules.progress(field, value, question),
    ]),
    bodies: bodies.map(signrules.checkRequest),
  });
}

if (globalThis.process) {
  const { readFileSync } = await import("node:fs");
  console.log(judge(await import(process.argv[2]), readFileSync(0, "utf8")));
}
