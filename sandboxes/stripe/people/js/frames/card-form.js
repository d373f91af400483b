import { isLeftOut } from "./billing.js";
import {
  brandOf, cvcProblem, digitsOf, expiryParts, expiryProblem, formatCvc, formatExpiry, formatNumber, numberProblem,
} from "./card.js";
import { fillCountries, postalLabel, postalProblem } from "./countries.js";
import { Field } from "./field.js";

/** The sandbox does not locate addresses: where nothing better is known, a card is from here. */
const DEFAULT_COUNTRY = "FR";
const SHOWN_UNTIL_KNOWN = ["visa", "mastercard", "amex"];
const FIELD_OF_ERROR = {
  incorrect_cvc: "cvc", invalid_cvc: "cvc", expired_card: "expiry",
  invalid_expiry_month: "expiry", invalid_expiry_year: "expiry",
};

/** Card number, expiry, security code, country and, where banks check it, postal code. */
export class CardForm {
  type = "card";
  panel = document.getElementById("panel-card");

  constructor(onChange) {
    this.country = document.getElementById("field-country");
    this.fields = this.#createFields(onChange);
    this.country.addEventListener("change", () => {
      this.#showPostal();
      onChange();
    });
  }

  #createFields(onChange) {
    const number = new Field("number", {
      format: formatNumber,
      problem: numberProblem,
      onChange: () => {
        this.#showBrand();
        onChange();
      },
      onComplete: () => this.fields.expiry.input.focus(),
    });
    const expiry = new Field("expiry", {
      format: formatExpiry, problem: (text) => expiryProblem(text), onChange, onComplete: () => this.fields.cvc.input.focus(),
    });
    const cvc = new Field("cvc", {
      format: (text) => formatCvc(text, number.input.value), problem: (text) => cvcProblem(text, number.input.value), onChange,
    });
    const postal = new Field("postal", { problem: (text) => postalProblem(text, this.country.value), onChange });
    return { number, expiry, cvc, postal };
  }

  configure({ texts, language, element = {} }) {
    const address = element.defaultValues?.billingDetails?.address ?? {};
    this.texts = texts;
    fillCountries(this.country, language, this.country.value || address.country || DEFAULT_COUNTRY);
    this.fields.postal.input.value ||= address.postal_code ?? "";
    this.country.closest(".Field").hidden = isLeftOut(element.fields, "address.country");
    this.leaveOutPostal = isLeftOut(element.fields, "address.postalCode");
    this.#showPostal();
    this.#showBrand();
  }

  methodData() {
    const { month, year } = expiryParts(this.fields.expiry.input.value);
    const card = {
      number: digitsOf(this.fields.number.input.value), exp_month: month, exp_year: year, cvc: this.fields.cvc.input.value,
    };
    return { type: "card", card, billing_details: this.#billing() };
  }

  mandate() {
    return {};
  }

  fieldOfError({ code }) {
    return this.fields[FIELD_OF_ERROR[code] ?? "number"];
  }

  #billing() {
    const address = {};
    if (!this.country.closest(".Field").hidden) address.country = this.country.value;
    if (!this.fields.postal.isHidden()) address.postal_code = this.fields.postal.input.value.trim();
    return Object.keys(address).length ? { address } : {};
  }

  #showPostal() {
    const label = postalLabel(this.country.value);
    const { wrapper, input } = this.fields.postal;
    wrapper.hidden = !label || this.leaveOutPostal || this.country.closest(".Field").hidden;
    if (!label) return;
    wrapper.querySelector("label").textContent = this.texts[`${label}_label`];
    input.placeholder = this.texts[`${label}_hint_${this.country.value}`];
  }

  #showBrand() {
    const { name } = brandOf(this.fields.number.input.value);
    for (const icon of this.panel.querySelectorAll("[data-brand]")) {
      icon.hidden = name === "unknown" ? !SHOWN_UNTIL_KNOWN.includes(icon.dataset.brand) : icon.dataset.brand !== name;
    }
  }
}
