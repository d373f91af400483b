/** Whether the merchant collects a billing detail himself ("never"), e.g. `path` "email" or "address.country". */
export function isLeftOut(fields, path) {
  let setting = fields?.billingDetails;
  for (const part of path.split(".")) {
    if (setting === "never") return true;
    setting = setting?.[part];
  }
  return setting === "never";
}

/** Billing details of the form completed by those the merchant sends with confirmPayment. */
export function mergeBilling(typed, given = {}) {
  const address = { ...typed.address, ...given.address };
  return { ...typed, ...given, ...(Object.keys(address).length ? { address } : {}) };
}
