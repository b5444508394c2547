// How often each pair of characters begins a value, over all pairs of random bytes: [[field, options], …] gives
// [{pair: count, …}, …].
import { readFileSync } from "node:fs";

const { generate } = await import(process.argv[2]);

/** All pairs of bytes for a value of this length. The bytes that follow them are 0. */
function* chosen(length) {
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second++) yield Uint8Array.of(first, second, ...Array(length).fill(0));
  }
}

let bytes;
Object.defineProperty(globalThis, "crypto", { value: { getRandomValues: () => bytes } });

/** The pairs that begin the values of a call. */
function exhausted([field, options]) {
  const pairs = {};
  for (bytes of chosen(options.length)) {
    const pair = generate(field, options).slice(0, 2);
    pairs[pair] = (pairs[pair] ?? 0) + 1;
  }
  return pairs;
}
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(exhausted)));
