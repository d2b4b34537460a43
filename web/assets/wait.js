// A button that sends an email, held back for as long as none would be sent: the wait counts down beside it.

import { text } from "./texts.js";

const held = new Map(); // by button: until when, and what counts down

/** Milliseconds until the button may be used. */
export const left = (button) => Math.max(0, (held.get(button)?.until ?? 0) - Date.now());

/** Hold a button of the macro `send_again` back, from now on and for so many seconds. */
export function holdBack(button, seconds) {
  clearInterval(held.get(button)?.counting);
  if (!seconds) return;
  held.set(button, { until: Date.now() + 1000 * seconds, counting: setInterval(() => count(button), 250) });
  count(button);
}

/** Say something below the button, which is heard, too. */
export function tell(button, message) {
  document.getElementById(`${button.id}-status`).textContent = message;
}

function count(button) {
  const seconds = Math.ceil(left(button) / 1000);
  const timer = document.getElementById(`${button.id}-timer`);
  const wait = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  timer.textContent = text("ask_again_in", { wait });
  timer.hidden = !seconds;
  button.ariaDisabled = seconds ? "true" : null;
  if (seconds) return;
  clearInterval(held.get(button).counting);
  tell(button, text("ask_again_now"));
}
