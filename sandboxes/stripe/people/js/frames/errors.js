/** The error with its message in the reader's language; the service's own words where we have none. */
export function translateError(error, texts) {
  const key = [error.decline_code, error.code].find((each) => each && texts.errors[each]);
  return key ? { ...error, message: texts.errors[key] } : error;
}

/** An error of the form itself, in the shape of Stripe's. */
export function validationError(code, texts) {
  return { type: "validation_error", code, message: texts.errors[code] };
}
