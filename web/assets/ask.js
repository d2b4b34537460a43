// Sign-up and forgot ask for an address, and say the same whatever it is.

import { call } from "./api.js";
import { onSubmit, show, stepOf, steps } from "./forms.js";

export function askFor(path) {
  let sent = false;
  steps("address", (step) => step === "address" || sent);
  onSubmit(stepOf("address").querySelector("form"), async ({ email }) => {
    await call(path, { email: email.trim(), locale: document.documentElement.lang });
    sent = true;
    document.querySelector("[data-sent-to]").textContent = email.trim();
    show("sent");
  });
}
