// What every page needs. Pages with behaviour of their own load a module more.
import { watchBell } from "./lib/bell.js";
import { watchCountdowns } from "./lib/countdown.js";
import { watchDialogs } from "./lib/dialogs.js";
import { watchForms } from "./lib/forms.js";
import { connectHtmx } from "./lib/requests.js";
import { watchMenus } from "./lib/menus.js";
import { explainPasskeyFailures } from "./lib/passkeys.js";
import { showServerToasts } from "./lib/toast.js";
import { rememberLanguage, rememberTimeZone } from "./lib/visitor.js";

rememberTimeZone();
rememberLanguage();
watchMenus();
watchDialogs();
watchForms();
watchCountdowns();
connectHtmx();
explainPasskeyFailures();
showServerToasts();
watchBell();
