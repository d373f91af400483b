const BRANDS = [
  { name: "visa", starts: /^4/, lengths: [16], cvc: 3 },
  { name: "mastercard", starts: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16], cvc: 3 },
  { name: "amex", starts: /^3[47]/, lengths: [15], cvc: 4, groups: [4, 6, 5] },
  { name: "discover", starts: /^(6011|64[4-9]|65)/, lengths: [16], cvc: 3 },
  { name: "diners", starts: /^3(0[0-5]|[689])/, lengths: [14, 16], cvc: 3, groups: [4, 6, 4] },
  { name: "jcb", starts: /^35/, lengths: [16], cvc: 3 },
  { name: "unionpay", starts: /^(62|81)/, lengths: [16, 17, 18, 19], cvc: 3, groups: [4, 4, 4, 7] },
];
const UNKNOWN = { name: "unknown", lengths: [16], cvc: 3 };
const FOURS = [4, 4, 4, 4];

export const digitsOf = (text) => text.replace(/\D/g, "");

export function brandOf(number) {
  return BRANDS.find(({ starts }) => starts.test(digitsOf(number))) ?? UNKNOWN;
}

export function isLuhnValid(digits) {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

function inGroups(digits, sizes) {
  const parts = [];
  let rest = digits;
  for (const size of sizes) {
    if (rest) parts.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return parts.join(" ");
}

/** "4242 4242 4242 4242", American Express "3782 822463 10005". */
export function formatNumber(text) {
  const { lengths, groups } = brandOf(text);
  const digits = digitsOf(text).slice(0, Math.max(...lengths));
  return inGroups(digits, digits.length === 16 ? FOURS : (groups ?? FOURS));
}

/** "", "incomplete_number" or "invalid_number". */
export function numberProblem(text) {
  const digits = digitsOf(text);
  const brand = brandOf(digits);
  if (digits.length < Math.min(...brand.lengths)) return "incomplete_number";
  if (brand === UNKNOWN || !isLuhnValid(digits)) return "invalid_number";
  return "";
}

/** "5" becomes "05 / ", "1230" and "12/2030" become "12 / 30"; while deleting, no separator is added back. */
export function formatExpiry(text, isDeleting = false) {
  const [head, tail] = text.split("/");
  let digits = digitsOf(text);
  if (/^[2-9]/.test(digits)) digits = `0${digits}`;
  else if (tail !== undefined && digitsOf(head).length === 1) digits = `0${digits}`;
  else if (/^1[3-9]/.test(digits)) digits = `0${digits}`;
  if (/^\d{2}20\d{2}$/.test(digits)) digits = digits.slice(0, 2) + digits.slice(4);
  const isTypingCentury = /^\d{2}20\d$/.test(digits);
  const [month, year] = [digits.slice(0, 2), digits.slice(2, isTypingCentury ? 5 : 4)];
  const isOpen = month.length === 2 && (year || !isDeleting);
  return isOpen ? `${month} / ${year}` : month;
}

export function expiryParts(text) {
  const digits = digitsOf(text);
  return { month: Number(digits.slice(0, 2)), year: 2000 + Number(digits.slice(2, 4)) };
}

/** "" or the code of what is wrong with an expiry date, seen from `now`. */
export function expiryProblem(text, now = new Date()) {
  if (digitsOf(text).length < 4) return "incomplete_expiry";
  const { month, year } = expiryParts(text);
  if (month < 1 || month > 12) return "invalid_expiry_month";
  if (year < now.getFullYear()) return "invalid_expiry_year_past";
  if (year > now.getFullYear() + 50) return "invalid_expiry_year";
  if (year === now.getFullYear() && month < now.getMonth() + 1) return "invalid_expiry_month_past";
  return "";
}

export function formatCvc(text, number) {
  return digitsOf(text).slice(0, brandOf(number) === UNKNOWN ? 4 : brandOf(number).cvc);
}

export function cvcProblem(text, number) {
  return digitsOf(text).length < brandOf(number).cvc ? "incomplete_cvc" : "";
}
