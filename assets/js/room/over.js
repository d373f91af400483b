// The screen outside the room: left, replaced by another device, or refused.
import { part, text, write } from "./dom.js";

/** Show it, with a way back. */
export function showOver({ title, line, again }) {
  write(part("over-title"), title);
  write(part("over-text"), line);
  write(part("rejoin"), again || "");
  part("rejoin").hidden = !again;
  part("over").hidden = false;
  part("over-title").focus();
}

/** Back inside. */
export function hideOver() {
  part("over").hidden = true;
}

const KNOWN = {
  left: () => ({ title: text("left"), line: text("left_text"), again: text("rejoin") }),
  replaced: () => ({ title: text("replaced"), line: text("replaced_text"), again: text("use_this") }),
  moved: () => ({ title: text("refused"), line: text("closed") }),
  unsupported: () => ({ title: text("refused"), line: text("unsupported") }),
  no_token: () => ({ title: text("refused"), line: text("no_token") }),
};

/** Why one is outside; `detail` is what the server says of it. */
export const overBecause = (why, detail = "") => KNOWN[why]?.() ?? { title: text("refused"), line: detail, again: text("again") };
