// Sign-up and forgot ask for an address, and say the same whatever it is.

import { call, Problem } from "./api.js";
import { attempt, busy, onSubmit, show, stepOf, steps } from "./forms.js";
import { showOnward } from "./onward.js";
import { text, textOf } from "./texts.js";
import { holdBack, left, tell } from "./wait.js";

const again = document.getElementById("again");

export function askFor(path) {
  let asked = ""; // for which address
  showOnward();
  const ask = (email) => call(path, { email, locale: document.documentElement.lang });
  steps("address", (step) => step === "address" || asked !== "");

  onSubmit(stepOf("address").querySelector("form"), async (values) => {
    const email = values.email.trim();
    if (email.toLowerCase() === asked.toLowerCase() && left(again)) throw tooEarly("asked_just_now");
    const told = await ask(email);
    asked = email;
    document.querySelector("[data-sent-to]").textContent = email;
    tell(again, "");
    holdBack(again, told?.retry_after ?? 0);
    show("sent");
  }, { asked_just_now: "email" });

  again.addEventListener("click", () => attempt(stepOf("sent"), async () => {
    if (left(again)) return tell(again, textOf(tooEarly("asked_too_early")));
    tell(again, "");
    const told = await busy(again, () => ask(asked));
    tell(again, text("asked_again"));
    holdBack(again, told?.retry_after ?? 0);
  }));
}

const tooEarly = (code) => new Problem(code, { wait: left(again) / 1000 });
