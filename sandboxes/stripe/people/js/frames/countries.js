const CODES =
  "AD AE AF AG AI AL AM AO AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CD CF CG " +
  "CH CI CK CL CM CN CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FK FO FR GA GB GD GE GF GG GH GI GL " +
  "GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IQ IS IT JE JM JO JP KE KG KH KI KM KN KR KW KY KZ LA LB " +
  "LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA NC NE NG NI NL NO NP " +
  "NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PY QA RE RO RS RU RW SA SB SC SE SG SH SI SK SL SM SN SO SR SS ST SV " +
  "SX SZ TC TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VN VU WF WS XK YE YT ZA ZM ZW";

/** Countries whose cards are checked against a postal code, and what that code is called. */
const POSTAL_LABELS = { US: "zip", CA: "postal", GB: "postal" };
const POSTAL_SHAPES = { US: /^\d{5}(-?\d{4})?$/, CA: /^[A-Z]\d[A-Z] ?\d[A-Z]\d$/i, GB: /^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$/i };

export const postalLabel = (country) => POSTAL_LABELS[country] ?? null;

export function postalProblem(text, country) {
  return POSTAL_SHAPES[country].test(text.trim()) ? "" : "incomplete_zip";
}

/** Fills a select with every country, named and sorted in the language; keeps what was chosen. */
export function fillCountries(select, language, chosen) {
  const names = new Intl.DisplayNames([language], { type: "region" });
  const sorted = CODES.split(" ")
    .map((code) => [code, names.of(code)])
    .sort((one, other) => one[1].localeCompare(other[1], language));
  select.replaceChildren(...sorted.map(([code, name]) => new Option(name, code, code === chosen, code === chosen)));
}
