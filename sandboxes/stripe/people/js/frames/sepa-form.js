import { isLeftOut } from "./billing.js";
import { Field } from "./field.js";
import { compact, formatIban, ibanProblem } from "./iban.js";

const nameProblem = (text) => (text.trim() ? "" : "incomplete_name");

function emailProblem(text) {
  if (!text.trim()) return "incomplete_email";
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim()) ? "" : "invalid_email";
}

/** IBAN, name and e-mail address: what a SEPA mandate needs. */
export class SepaForm {
  type = "sepa_debit";
  panel = document.getElementById("panel-sepa_debit");

  constructor(onChange) {
    this.fields = {
      email: new Field("email", { problem: emailProblem, onChange }),
      name: new Field("name", { problem: nameProblem, onChange }),
      iban: new Field("iban", { format: formatIban, problem: ibanProblem, onChange }),
    };
  }

  configure({ texts, element = {} }) {
    for (const name of ["email", "name"]) {
      this.fields[name].input.value ||= element.defaultValues?.billingDetails?.[name] ?? "";
      this.fields[name].wrapper.hidden = isLeftOut(element.fields, name);
    }
    const business = element.business?.name ?? texts.this_business;
    document.getElementById("mandate").textContent = texts.mandate.replaceAll("{business}", business);
  }

  methodData() {
    const billing = {};
    for (const name of ["email", "name"]) {
      if (!this.fields[name].isHidden()) billing[name] = this.fields[name].input.value.trim();
    }
    return { type: "sepa_debit", sepa_debit: { iban: compact(this.fields.iban.input.value) }, billing_details: billing };
  }

  /** The payer has read the mandate below the fields and agrees by paying. */
  mandate() {
    const acceptance = { type: "online", online: { user_agent: navigator.userAgent } };
    return { mandate_data: { customer_acceptance: acceptance } };
  }

  fieldOfError() {
    return this.fields.iban;
  }
}
