// Matches whole texts by patterns, as a browser does: [[pattern, text], …]; with each flag.
import { readFileSync } from "node:fs";

const cases = JSON.parse(readFileSync(0, "utf8"));
const matched = (flag) => cases.map(([pattern, text]) => new RegExp(`^(?:${pattern})$`, flag).test(text));
console.log(JSON.stringify({ none: matched(""), u: matched("u"), v: matched("v") }));
