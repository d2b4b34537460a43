// Forms and steps: what is refused is said at its field, a wait shows, a password can be looked at.

import { Problem } from "./api.js";
import { showErrors } from "./errors.js";
import { text, textOf } from "./texts.js";

export { showErrors };

const issuer = document.body.dataset.issuer;

/** Show one step of the page. `push`: Back leads to the step before. */
export function show(step, { push = true } = {}) {
  for (const section of document.querySelectorAll("[data-step]")) section.hidden = section.dataset.step !== step;
  if (push) history.pushState({ step }, "");
  const heading = stepOf(step).querySelector("h1");
  document.title = `${heading.textContent} · ${issuer}`;
  heading.focus();
}

export const stepOf = (step) => document.querySelector(`[data-step="${step}"]`);

/** Let Back and Forward, and buttons with data-to, lead from step to step. */
export function steps(first, allowed = () => true) {
  history.replaceState({ step: first }, "");
  addEventListener("popstate", ({ state }) => {
    const step = state?.step ?? first;
    show(allowed(step) ? step : first, { push: false });
  });
  for (const button of document.querySelectorAll("[data-to]")) {
    button.addEventListener("click", () => show(button.dataset.to));
  }
}

/** Send a form by `act(values)`. `at` says at which field the refusal of a code stands. */
export function onSubmit(form, act, at = {}) {
  const button = form.querySelector("button:not([type=button])");
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.ariaDisabled === "true") return;
    const values = Object.fromEntries(new FormData(form));
    showErrors(form, missing(form));
    if (missing(form).length) return;
    try {
      await busy(button, () => act(values));
    } catch (problem) {
      showErrors(form, errorsOf(form, problem, at));
    }
  });
}

/** The button says that it is at work, and takes no second click. */
export async function busy(button, work) {
  const label = button.textContent;
  button.ariaDisabled = "true";
  const waiting = setTimeout(() => {
    button.textContent = button.dataset.busy;
    button.classList.add("busy");
  }, 300);
  try {
    return await work();
  } finally {
    clearTimeout(waiting);
    button.ariaDisabled = null;
    button.classList.remove("busy");
    button.textContent = label;
  }
}

/** Do something that no form sends; a refusal stands at the top of the place. Answers whether it went well. */
export async function attempt(place, act) {
  showErrors(place, []);
  try {
    await act();
    return true;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    showErrors(place, [{ field: "", message: textOf(problem) }]);
    return false;
  }
}

/** Load what a page begins with; where that fails, say so and offer to try again. */
export async function load(place, act) {
  const [waiting, again] = [place.querySelector(".loading"), place.querySelector(".again")];
  again.querySelector("button").onclick = () => {
    [waiting.hidden, again.hidden] = [false, true];
    return load(place, act);
  };
  again.hidden = await attempt(place, act);
  waiting.hidden = true;
}

function missing(form) {
  return [...form.querySelectorAll("input[required]")]
    .filter((input) => !input.value.trim())
    .map((input) => ({ field: input.name, message: text([`${input.name}.missing`, "missing"]) }));
}

function errorsOf(form, problem, at) {
  if (!(problem instanceof Problem)) throw problem;
  const named = (problem.errors ?? []).map(({ field, code }) => ({
    field: at[field] ?? field,
    code,
    message: text([`${at[field] ?? field}.${code}`, code]),
  }));
  const field = at[problem.code] ?? "";
  return named.length ? named : [{ field, message: textOf(problem, field) }];
}

/** Six digits send themselves, typed, pasted or filled in. */
export function sendsItself(input) {
  let sent = "";
  input.addEventListener("input", () => {
    const digits = input.value.replace(/\s/g, "");
    if (/^\d{6}$/.test(digits) && digits !== sent) input.form.requestSubmit();
    sent = digits;
  });
}

for (const button of document.querySelectorAll("[data-reveals]")) {
  const input = document.getElementById(button.dataset.reveals);
  const set = (shown) => {
    input.type = shown ? "text" : "password";
    const { show, showLabel, hide, hideLabel } = button.dataset;
    button.textContent = shown ? hide : show;
    button.ariaLabel = shown ? hideLabel : showLabel;
  };
  button.addEventListener("click", () => set(input.type === "password"));
  // Not left readable: neither to the browser's memory of forms nor to who looks over a shoulder.
  input.form.addEventListener("submit", () => set(false));
}
