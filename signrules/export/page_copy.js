// The way out of the page: the request body and the cURL command as texts, and what "Copy" does.

const CURL = __CURL__;
const KEYS = /Mac|iP/.test(navigator.platform) ? "\u2318C" : "Ctrl+C";

/** The body as one line of printable ASCII, without the `!` of which some shells make an earlier command. */
function asLine(body) {
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(body).replace(/[^ -~]|!/g, escaped);
}

const asJson = (body) => JSON.stringify(body, null, 2);
// The body goes by standard input, since all users of a machine can see the arguments of a program.
const asCurl = (body) => `${[...CURL, "--data @- <<'END'"].join(" \\\n  ")}\n${asLine(body)}\nEND`;

function select(source) {
  source.focus({ preventScroll: true });
  if (source.select) source.select();
  else getSelection().selectAllChildren(source);
}

/** Takes back what was told of a copy, since the text is another one now. */
function forgetCopies() {
  for (const told of document.querySelectorAll(".told")) told.replaceChildren();
  for (const button of document.querySelectorAll(".copied")) button.classList.remove("copied");
}

/**
 * Copies what stands in a control or an element. Where the browser refuses the clipboard, as over plain http, the text
 * is selected, and copied in the old way or by the reader's own keys.
 */
async function copy(source, button, told, done) {
  const text = source.value ?? source.textContent;
  let isCopied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    select(source);
    isCopied = document.execCommand("copy");
    if (isCopied) button.focus({ preventScroll: true });
  }
  forgetCopies();
  button.classList.toggle("copied", isCopied);
  told.classList.toggle("problem", !isCopied);
  told.textContent = isCopied ? done : `The browser refuses to copy. The text is selected: press ${KEYS}.`;
  told.scrollIntoView({ block: "nearest" });
}
