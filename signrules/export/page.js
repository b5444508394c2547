// The form as a whole: what is generated, what is chosen, and what is shown after each change.

const form = document.querySelector("form");
const algorithm = form.elements.namedItem("sign_algorithm");
const algorithmNote = document.getElementById("algorithm-note");
const summary = document.getElementById("summary");
const [json, curl] = ["json", "curl"].map((id) => document.getElementById(id));

/** The last generated value of each field, its bits and its rule. A field that has another value now has a typed one. */
const generated = new Map();

const question = () => {
  const { sign_type, sign_algorithm } = requestBody(form);
  return { sign_type, sign_algorithm };
};
const isGenerated = ({ field, control }) => generated.get(field)?.value === control.value;

/** Puts a text into a control as if it were typed, so that an undo brings back what it replaces. */
function write(control, text) {
  const before = document.activeElement;
  control.focus({ preventScroll: true });
  control.select();
  if (control.value && !text) document.execCommand("delete");
  else if (text && !document.execCommand("insertText", false, text)) control.value = text;
  before.focus({ preventScroll: true });
}

function askForAlgorithm() {
  algorithmNote.textContent = "Choose one first: it decides how long the key is.";
}

function draw({ field, control }) {
  const value = generate(field, question());
  generated.set(field, { value, bits: entropyBits(field, question()), row: rowFor(field, question()) });
  write(control, value);
}

const fields = [...document.querySelectorAll("[data-field]")].map((box) => {
  const { field } = box.dataset;
  const control = form.elements.namedItem(field);
  const copyButton = box.querySelector("[data-copy]");
  const told = box.querySelector(".told");
  const each = { field, control, copyButton, isOptional: "optional" in box.dataset, show: valueShown(box, control, field) };

  box.querySelector("[data-generate]")?.addEventListener("click", () => {
    if (rulesFor(field, question()).length > 1) {
      askForAlgorithm();
      algorithm.focus();
      return;
    }
    draw(each);
    update();
  });
  copyButton.addEventListener("click", () => copy(control, copyButton, told, "Copied."));
  // `attach` gives a title, which the browser would show over the rule that already stands there.
  control.addEventListener("pointerenter", () => control.removeAttribute("title"));
  control.addEventListener("keydown", (event) => {
    // Within a composition, Enter ends the composition. Safari shows this only by the number of the key.
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    event.preventDefault(); // a line break is in no value
    form.requestSubmit();
  });
  return each;
});

/** Whether the request may be sent, in a sentence. */
function summaryOf(body, violations) {
  const namesOf = (found) => [...new Set(found.map(({ field }) => field))].join(", ");
  const wrong = namesOf(violations.filter(({ code }) => code !== "missing"));
  const missing = namesOf(violations.filter(({ code }) => code === "missing"));
  if (violations.length) return [wrong && `Not yet right: ${wrong}.`, missing && `Still to be given: ${missing}.`].join(" ").trim();
  const left = fields.filter(({ field, isOptional }) => isOptional && !body[field]).map(({ field }) => field);
  return `Ready to send.${left.length ? ` The gateway generates ${left.join(" and ")}.` : ""}`;
}

function update() {
  const body = requestBody(form);
  const violations = checkRequest(body);
  for (const each of fields) {
    each.show(question(), isGenerated(each) ? generated.get(each.field).bits : undefined);
    each.copyButton.disabled = !each.control.value;
    describe(each);
  }
  document.getElementById("no-pair").hidden = body.sign_type !== "public_key" || !fields.some(isGenerated);
  summary.textContent = summaryOf(body, violations);
  summary.className = violations.length ? "" : "ready";
  json.textContent = asJson(body);
  curl.textContent = asCurl(body);
  forgetCopies();
}

function showAlgorithm() {
  algorithm.disabled = !TYPES_WITH_ALGORITHM.includes(requestBody(form).sign_type);
  document.getElementById("algorithm").hidden = algorithm.disabled;
  if (algorithm.value || algorithm.disabled) algorithmNote.textContent = "";
}

/** Draws generated values anew where another rule applies to them now. Of two rules, a value that keeps one may stay. */
function drawAnew() {
  for (const each of fields.filter(isGenerated)) {
    const { field, control } = each;
    const isDecided = rulesFor(field, question()).length === 1;
    if (isDecided && generated.get(field).row !== rowFor(field, question())) draw(each);
    if (!isDecided && check(field, control.value, question()).length) askForAlgorithm();
  }
}

/** A wrong value is described by its note alone, which says what of the rule it breaks; the whole rule would say it twice. */
function describe({ field, control }) {
  const note = control.closest("[data-field]").querySelector(".signrules-note");
  const isToldWrong = control.value && note.textContent;
  control.setAttribute("aria-describedby", isToldWrong ? note.id : `${field}-rule ${note.id}`);
}

// The listeners of the form come first: the algorithm is shown or hidden before `attach` judges, and the page follows.
form.addEventListener("input", showAlgorithm);
form.addEventListener("change", ({ target }) => target.matches("[type=radio], select") && drawAnew());
showAlgorithm();
attach(form);
for (const name of ["input", "change", "compositionend"]) {
  document.addEventListener(name, ({ isComposing }) => isComposing || update());
}
document.addEventListener("focusin", () => fields.forEach(describe)); // a fault may be told when its control is left
form.querySelector("[type=reset]").addEventListener("click", () => fields.forEach(({ control }) => write(control, "")));
form.addEventListener("reset", () => {
  generated.clear();
  setTimeout(() => algorithm.dispatchEvent(new Event("input", { bubbles: true })));
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = event.submitter ?? document.querySelector("[form]");
  const done = { json: "Copied as JSON", curl: "Copied as cURL" }[button.value];
  const source = document.getElementById(button.value);
  copy(source, button, source.nextElementSibling, `${done}: the clipboard holds what stands here, key and secret too.`);
});
update();
