/** Length of an IBAN by the country it begins with (the SEPA area). */
const LENGTHS = {
  AD: 24, AT: 20, BE: 16, BG: 22, CH: 21, CY: 28, CZ: 24, DE: 22, DK: 18, EE: 20, ES: 24, FI: 18, FR: 27, GB: 22,
  GI: 23, GR: 27, HR: 21, HU: 28, IE: 22, IS: 26, IT: 27, LI: 21, LT: 20, LU: 20, LV: 21, MC: 27, MT: 31, NL: 18,
  NO: 15, PL: 28, PT: 25, RO: 24, SE: 24, SI: 19, SK: 24, SM: 27, VA: 22,
};
const LONGEST = 34;

export const compact = (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, "");

export function formatIban(text) {
  const iban = compact(text);
  return iban.slice(0, LENGTHS[iban.slice(0, 2)] ?? LONGEST).replace(/(.{4})(?=.)/g, "$1 ");
}

/** ISO 13616: letters count from 10, the first four characters go last, the rest modulo 97 is 1. */
function isChecksumValid(iban) {
  const digits = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, (letter) => parseInt(letter, 36));
  return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
}

/** "", "incomplete_iban", "invalid_iban_country_code" or "invalid_iban". */
export function ibanProblem(text) {
  const iban = compact(text);
  const country = iban.slice(0, 2);
  if (country.length === 2 && !(country in LENGTHS)) return "invalid_iban_country_code";
  if (iban.length < (LENGTHS[country] ?? LONGEST)) return "incomplete_iban";
  return isChecksumValid(iban) ? "" : "invalid_iban";
}
