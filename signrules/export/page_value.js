// What the page says of one value: its rule in three lines, the places at which it breaks them, and how strong it is.
// The three scripts of the page stand in one script with the module, and use its names.

const CONTEXT = 12; // characters shown on either side of an offending one
const PLACES = 6; // offending characters shown at most
const STRONG = 128; // bits
const RUNS = [/[a-z]/g, /[A-Z]/g, /[0-9]/g, /[^A-Za-z0-9]/g];
const HINTS = Object.entries(__HINTS__);
const LINES = [...document.querySelectorAll("template")]; // in the order of the rows

/** An offending character in a form that can be seen, and that differs from characters which look alike. */
function visible(character) {
  const names = { " ": "space", "\n": "line break", "\t": "tab" };
  if (/[!-~]/.test(character)) return character;
  const code = `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return names[character] ?? (/[\p{C}\p{Z}\p{M}]/u.test(character) ? code : `${character} ${code}`);
}

/** The value around some of its offending characters, each of which is marked. No other offending one is shown. */
function excerpt(characters, positions, offending) {
  const parts = [];
  let end = 0;
  for (const position of positions.slice(0, PLACES)) {
    const from = Math.max(end, position - CONTEXT);
    const mark = document.createElement("mark");
    mark.textContent = visible(characters[position]);
    const next = offending.find((other) => other > position) ?? characters.length;
    if (from > end) parts.push("\u2026");
    parts.push(characters.slice(from, position).join(""), mark);
    end = Math.min(next, position + 1 + CONTEXT);
    parts.push(characters.slice(position + 1, end).join(""));
  }
  return [...parts, end < characters.length ? "\u2026" : ""];
}

/**
 * The most bits that a typed value can have. We assume that it was drawn at random from all the allowed characters of
 * its kinds; or from its own characters alone, if these are so few for its length as they are in no random value.
 */
function bitsAtMost(characters, charset) {
  const different = new Set(characters).size;
  const kinds = RUNS.filter((run) => characters.join("").search(run) >= 0).flatMap((run) => charset.match(run));
  return characters.length * Math.log2(different <= characters.length / 4 ? different : kinds.length);
}

/** How strong a value is, in words; `enough` is what a generated one has, or as many bits as anybody needs. */
function strengthInWords(bits, enough, isGenerated) {
  if (isGenerated) return `${bits < STRONG ? "As strong as this rule allows" : "Strong"}: drawn at random, ${bits} bits.`;
  if (bits >= enough) return "Strong, if it was drawn at random.";
  return bits >= enough / 2 ? "Fair at best: a generated one is stronger." : "Weak: it is easy to guess.";
}

/** Shows what there is to say of a field's value. Returns the function that does it, for a question. */
function valueShown(box, control, field) {
  const [rule, hint, strength] = [".rule", ".hint", ".strength"].map((each) => box.querySelector(each));
  const firstPlaces = new Map(); // of the offending characters, for each line
  let row;

  rule.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const start = [...control.value].slice(0, firstPlaces.get(button.closest("li"))).join("").length;
    control.focus();
    control.setSelectionRange(start, start + String.fromCodePoint(control.value.codePointAt(start)).length);
  });

  const showLine = (line, isMet, characters, positions, offending) => {
    const [said, where] = [".unseen", ".where"].map((each) => line.querySelector(each));
    line.className = !characters.length ? "" : isMet ? "met" : "broken";
    said.textContent = { met: "Met: ", broken: "Not met: " }[line.className] ?? "";
    where.hidden = isMet || !positions.length;
    where.firstChild.replaceChildren(...(where.hidden ? [] : excerpt(characters, positions, offending)));
    if (where.hidden) return;
    const [place] = positions;
    const more = positions.length > PLACES ? `and ${positions.length - PLACES} more` : "";
    firstPlaces.set(line, place);
    where.querySelector("button").textContent = `Select character ${place + 1} (${visible(characters[place])})`;
    where.lastChild.textContent = more;
  };

  const showStrength = (characters, charset, isValid, question, bitsIfGenerated) => {
    const [meter, words] = strength.children;
    strength.hidden = !isValid || !characters.length;
    if (strength.hidden) return;
    const enough = Math.min(STRONG, Math.floor(entropyBits(field, question)));
    const bits = Math.floor(bitsIfGenerated ?? bitsAtMost(characters, charset));
    const value = Math.max(Math.min(bits, enough), enough / 16); // even the weakest is seen
    Object.assign(meter, { max: enough, low: enough / 2, high: enough - 0.5, optimum: enough, value });
    strength.classList.toggle("weak", bits < enough / 2);
    words.textContent = strengthInWords(bits, enough, bitsIfGenerated !== undefined);
  };

  return (question, bitsIfGenerated) => {
    const { value } = control;
    const characters = [...value];
    const applying = rowFor(field, question);
    if (row !== applying) rule.replaceChildren(LINES[ROWS.indexOf(applying)].content.cloneNode(true));
    row = applying;
    const broken = value ? check(field, value, question) : [];
    const offending = [...characters.keys()].filter((position) => !row.charset.includes(characters[position]));
    const positions = { length: [], charset: offending, first: [0] };
    for (const line of rule.children) {
      const { code } = line.dataset;
      showLine(line, broken.every((found) => found.code !== code), characters, positions[code], offending);
    }
    rule.querySelector("small").textContent = value && `, now ${characters.length}`;
    hint.ariaHidden = String(broken.some(({ message }) => message.endsWith(MASKED))); // the note says it to those who hear it
    hint.textContent = HINTS.find(([text]) => value.includes(text))?.[1] ?? "";
    if (strength) showStrength(characters, row.charset, !broken.length, question, bitsIfGenerated);
    box.classList.toggle("given", value !== "");
  };
}
