// Calls generate and entropyBits with each of the options: [[field, options], …] gives [[text, bits], …].
import { readFileSync } from "node:fs";

const { generate, entropyBits } = await import(process.argv[2]);
const calls = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(calls.map((call) => [generate(...call), entropyBits(...call)])));
