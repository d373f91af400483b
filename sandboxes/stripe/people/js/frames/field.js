/**
 * One labelled input: formats while typing, complains when left, falls silent when corrected.
 * `format(text, isDeleting)` gives the text to show, `problem(text)` "" or an error code.
 */
export class Field {
  constructor(name, { format = (text) => text, problem, onChange, onComplete = () => {} }) {
    this.input = document.getElementById(`field-${name}`);
    this.wrapper = this.input.closest(".Field");
    this.errorNode = document.getElementById(`error-${name}`);
    this.problem = () => (this.isHidden() ? "" : problem(this.input.value));
    this.code = "";
    this.input.addEventListener("input", (event) => {
      this.#reformat(format, event);
      this.#recheck();
      onChange();
      if (event.isTrusted && !this.problem() && this.#caretAtEnd()) onComplete();
    });
    this.input.addEventListener("blur", () => this.input.value && this.showProblem());
  }

  isHidden() {
    return this.wrapper.hidden || this.wrapper.closest("[hidden]") !== null;
  }

  /** Shows what is wrong, if anything, and returns its code. */
  showProblem(texts = this.texts) {
    this.code = this.problem();
    this.#write(this.code ? texts.errors[this.code] : "");
    return this.code;
  }

  /** Shows an error the service found in this field. */
  showMessage(message) {
    this.#write(message);
  }

  clear() {
    this.input.value = "";
    this.#write("");
  }

  /** Keeps what is shown in step with a change of language. */
  translate(texts) {
    this.texts = texts;
    if (this.code) this.showProblem(texts);
  }

  #recheck() {
    const code = this.problem();
    if (code.startsWith("invalid")) this.showProblem();
    else {
      this.code = "";
      this.#write("");
    }
  }

  #write(message) {
    this.errorNode.textContent = message;
    this.errorNode.hidden = !message;
    this.input.classList.toggle("Input--invalid", Boolean(message));
    this.input.setAttribute("aria-invalid", message ? "true" : "false");
  }

  #caretAtEnd() {
    return this.input.selectionStart === null || this.input.selectionStart === this.input.value.length;
  }

  /** Rewrites the text and keeps the caret after the same character as before. */
  #reformat(format, event) {
    const { value, selectionStart } = this.input;
    const isDeleting = event.inputType?.startsWith("delete") ?? false;
    const formatted = format(value, isDeleting);
    if (formatted === value) return;
    this.input.value = formatted;
    if (this.input.selectionStart === null || document.activeElement !== this.input) return;
    const caret = selectionStart >= value.length ? formatted.length : caretAfter(value.slice(0, selectionStart), formatted);
    this.input.setSelectionRange(caret, caret);
  }
}

const isTyped = (character) => /[0-9A-Za-z]/.test(character);

function caretAfter(typed, formatted) {
  let left = [...typed].filter(isTyped).length;
  let caret = 0;
  while (left > 0 && caret < formatted.length) left -= isTyped(formatted[caret++]) ? 1 : 0;
  return caret;
}
