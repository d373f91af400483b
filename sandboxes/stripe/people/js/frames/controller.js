import { challengeOutcome, confirmIntent, retrieveIntent } from "./api.js";
import { serve } from "./channel.js";
import { textsFor } from "./texts.js";

let credentials;
const context = (locale) => ({ credentials, texts: textsFor(locale) });

serve(
  {
    retrieve: ({ clientSecret, locale }) => retrieveIntent(clientSecret, context(locale)),
    outcome: ({ clientSecret, locale }) => challengeOutcome(clientSecret, context(locale)),
    confirm: ({ clientSecret, confirmParams, locale }) =>
      confirmIntent(clientSecret, confirmParams, confirmParams.payment_method_data, context(locale)),
  },
  (options) => {
    credentials = options;
  },
);
