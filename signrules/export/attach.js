// What a form would send, and live feedback while it is filled in.

/**
 * The values that a form would send, without blank ones, and the members to which they belong.
 * @param {HTMLFormElement} form @param {HTMLElement | null} submitter
 */
function sentBy(form, submitter = null) {
  const data = new FormData(form, submitter);
  /** @param {FormDataEntryValue} value */
  const isGiven = (value) => (typeof value === "string" ? value : value.name); // if no file was chosen, its name is empty
  /** @type {[string, FormDataEntryValue[]][]} */
  const values = MEMBERS.map((member) => [member, [...new Set(data.getAll(member).filter(isGiven))]]);
  return new Map(values.filter(([, given]) => given.length));
}

/** @param {ReturnType<typeof sentBy>} sent */
const firstValues = (sent) => Object.fromEntries([...sent].map(([member, [value]]) => [member, value]));

/** @type {typeof import("./signrules.js").requestBody} */
export const requestBody = (form) => /** @type {Record<string, string>} */ (firstValues(sentBy(form)));

/** @type {WeakMap<HTMLFormElement, () => void>} */
const attached = new WeakMap();
const FOREVER_UNSENT = ":disabled, fieldset, output, object, [type=button], [type=reset]";
const NOT_TYPED_IN = "input:read-only, textarea:read-only, select, button";

/** @param {Element} element @param {string} name @param {string | null} value */
const set = (element, name, value) =>
  value === null ? element.removeAttribute(name) : element.setAttribute(name, value);

/** An element that says what is wrong. @param {string} name @param {string} value */
function newNote(name, value) {
  const note = document.createElement("p");
  note.className = "signrules-note";
  note.setAttribute(name, value);
  return note;
}

/** @type {typeof import("./signrules.js").attach} */
export function attach(form) {
  const before = attached.get(form);
  if (before) return before;
  /**
   * The form's own property or method, which a control with the same name would hide.
   * @template {keyof HTMLFormElement} Name @param {Name} name @returns {HTMLFormElement[Name]}
   */
  const own = (name) => {
    const found = Reflect.get(HTMLFormElement.prototype, name, form);
    return typeof found === "function" ? found.bind(form) : found;
  };
  const elements = () => /** @type {Control[]} */ ([...own("elements")]);
  const left = new Set(); // the controls that the user has left once, and whose faults are told from then on
  const marked = new Set(); // the controls whose aria-invalid is ours; that of a server stays until its control is changed
  /** The notes of the controls, and how to take them off. @type {Map<Control, { note: HTMLElement, undo: () => void }>} */
  const prepared = new Map();
  const general = newNote("role", "alert"); // for a member without a control, or with one whose note cannot be seen
  /** The custom validity that we gave each control; any other is not ours to change. @type {Map<Control, string>} */
  const ours = new Map();
  /** @type {Element | null} */
  let composing = null; // the control in which an input method is composing, so that its value is not yet complete
  /** @type {(HTMLElement & { form: unknown }) | null} */
  let submitter = null; // the button that was pressed, whose value may be a part of the body
  const listening = new AbortController();
  const { signal } = listening;

  /** @param {Control} control @param {string} message */
  const setValidity = (control, message) => {
    const text = control.willValidate ? message : ""; // on a read-only or hidden control, a message would count later
    const last = ours.get(control) ?? "";
    if (text === last || !control.setCustomValidity) return; // a custom element may have none
    if (control.willValidate && control.validity.customError && control.validationMessage !== last) return;
    control.setCustomValidity(text);
    ours.set(control, text);
  };

  /** The note of a control, made when it is first needed. @param {Control} control @param {string} member @param {Control} last */
  const noteOf = (control, member, last) => {
    const ready = prepared.get(control);
    if (ready) return ready.note;
    /** @type {(() => void)[]} */
    const steps = [];
    /** @param {string} name @param {string | null} value */
    const change = (name, value) => {
      const old = control.getAttribute(name);
      steps.push(() => set(control, name, old));
      set(control, name, value);
    };
    const note = newNote("aria-live", "polite");
    note.id = `signrules-${Math.random().toString(36).slice(2)}`;
    (last.closest("label") ?? last).after(note); // within a label, the note would be a part of the name
    change("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${note.id}`.trim());
    change("aria-invalid", control.getAttribute("aria-invalid"));
    if (FIELDS.includes(member)) {
      // Static attributes are right for one type only, and a maxlength cuts a paste.
      for (const name of ["pattern", "minlength", "maxlength", "title"]) change(name, null);
    }
    prepared.set(control, {
      note,
      undo: () => (setValidity(control, ""), note.remove(), steps.forEach((step) => step()), prepared.delete(control)),
    });
    return note;
  };

  /**
   * Judges what would be sent, and tells what is wrong. Returns the wrong controls, and wrong members without a control.
   * @param {boolean} isSubmitted
   */
  const refresh = (isSubmitted = false) => {
    const sent = sentBy(form, submitter?.form === form ? submitter : null);
    const body = firstValues(sent);
    const { question } = questionOf(new Map(Object.entries(body)));
    const violations = checkRequest(body);
    const all = elements();
    const wrong = new Set();
    const chosen = new Set();
    /** @type {string[]} */
    const untold = [];
    for (const member of MEMBERS) {
      const controls = all.filter((each) => each.getAttribute("name") === member && !each.matches(FOREVER_UNSENT));
      const control = controls.find(({ value }) => value) ?? controls[0];
      if (!control && !sent.has(member)) continue; // this form does not give the member
      const several = (sent.get(member)?.length ?? 0) > 1; // nobody can say which one a server would take
      const broken = violations.filter(({ field }) => field === member).map(({ message }) => message);
      const message = several ? "must be given once" : broken.join("; ");
      if (message) wrong.add(control ?? member);
      if (message && isSubmitted) left.add(control ?? member);
      let told = left.has(control ?? member) || (sent.has(member) && control?.matches(NOT_TYPED_IN));
      if (FIELDS.includes(member)) {
        const field = /** @type {Field} */ (member);
        told ||= typeof body[member] === "string" && progress(field, body[member], question) === "invalid";
      }
      let note;
      if (control) {
        const last = control.type === "radio" ? controls[controls.length - 1] : control;
        note = noteOf(control, member, last);
        if (FIELDS.includes(member)) {
          const { messages } = rowFor(/** @type {Field} */ (member), question);
          control.title = [messages.length, messages.charset, messages.first].join("; ");
        }
        chosen.add(control);
        setValidity(control, message);
        note.textContent = told ? message || control.validationMessage || "" : ""; // ours, or that of the browser for a blank control
        if (note.textContent) marked.add(control);
        if (marked.has(control)) set(control, "aria-invalid", note.textContent ? "true" : null);
      }
      if (told && message && !note?.checkVisibility({ visibilityProperty: true })) untold.push(`${member} ${message}`);
    }
    for (const [control, { undo }] of prepared) if (!chosen.has(control)) undo();
    general.textContent = untold.join("; ");
    if (!untold.length) general.remove();
    else if (!general.parentNode) own("append")(general);
    return wrong;
  };

  /** Focuses the first wrong control; if it takes no focus, its note, or the general note. @param {Set<unknown>} wrong */
  const focus = (wrong) => {
    const control = elements().find((each) => wrong.has(each));
    for (const place of [control, control && prepared.get(control)?.note, general]) {
      if (place && place !== control) place.tabIndex = -1;
      place?.focus();
      if (place && place === /** @type {Document} */ (own("getRootNode")()).activeElement) return;
    }
  };

  let pressed = false; // whether a button is down: a note that appears now would move it, and the click would be lost
  const root = own("isConnected") ? own("getRootNode")() : form;
  /** @param {string} name @param {(event: Event) => void} act @param {boolean} capture @param {EventTarget} where */
  const on = (name, act, capture = false, where = root) => where.addEventListener(name, act, { signal, capture });
  const update = () => {
    if (!signal.aborted && !composing?.isConnected) refresh();
  };
  const later = (/** @type {() => void} */ act) => setTimeout(() => (act(), update()));
  // Our notes do not count: before Chromium removes one, it says that the note loses the focus.
  /** Listens to the form's controls, wherever they stand. @param {string} name @param {(control: Control) => void} act */
  const onControl = (name, act) =>
    on(
      name,
      ({ target }) => {
        const control = /** @type {Control} */ (target);
        if (own("contains")(control) ? !control.matches(".signrules-note") : elements().includes(control)) act(control);
      },
      name === "invalid", // this event does not bubble
    );
  onControl("input", (control) => (marked.add(control), (submitter = null), update()));
  for (const name of ["change", "focusout", "invalid"]) {
    onControl(name, (control) => {
      left.add(control);
      if (name === "focusout") composing = null;
      if (!pressed) update();
    });
  }
  onControl("compositionstart", (control) => (composing = control));
  onControl("compositionend", () => ((composing = null), update()));
  on("pointerdown", ({ target }) => {
    pressed = target instanceof Element && target.closest("button, a, input") !== null;
  });
  for (const name of ["pointerup", "pointercancel"]) on(name, () => later(() => (pressed = false)));
  // What a script has set since the last event is judged now, before the browser looks at what was wrong before.
  on("click", ({ target }) => {
    const button = /** @type {HTMLButtonElement | null} */ (target instanceof Element && target.closest("button, input"));
    if (button?.form !== form) return;
    submitter = ["submit", "image"].includes(button.type) ? button : null;
    update();
  });
  on("reset", ({ target }) => target === form && later(() => left.clear()));
  on("pageshow", update, false, window); // the browser may have put back what was typed
  // Judges before the form's own listeners, which may send the form, and after them, since they may change it.
  for (const capture of [true, false]) {
    on(
      "submit",
      (event) => {
        if (event.target !== form || (event.defaultPrevented && !capture)) return;
        submitter = /** @type {SubmitEvent & { submitter: HTMLButtonElement | null }} */ (event).submitter;
        if (/** @type {HTMLButtonElement | null} */ (submitter)?.formNoValidate) return;
        const wrong = composing?.isConnected ? null : refresh(true);
        if (wrong && !wrong.size) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        if (wrong) focus(wrong);
      },
      capture,
    );
  }
  refresh();
  const detach = () => {
    listening.abort();
    for (const { undo } of prepared.values()) undo();
    general.remove();
    attached.delete(form);
  };
  attached.set(form, detach);
  return detach;
}
