// How often each pair of characters comes first, over all pairs of random bytes.
const { generate } = await import(process.argv[2]);
const [field, options] = JSON.parse(process.argv[3]);

let chosen;
const getRandomValues = (array) => {
  array.fill(0); // what follows the chosen bytes
  array.set(chosen);
  chosen = [];
  return array;
};
Object.defineProperty(globalThis, "crypto", { value: { getRandomValues } });

const pairs = {};
for (let first = 0; first < 256; first++) {
  for (let second = 0; second < 256; second++) {
    chosen = [first, second];
    const pair = generate(field, options).slice(0, 2);
    pairs[pair] = (pairs[pair] ?? 0) + 1;
  }
}
console.log(JSON.stringify(pairs));
