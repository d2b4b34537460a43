// Forms and steps: errors at the top and beside their fields, a wait that shows, a password that can be looked at.

import { Problem } from "./api.js";
import { text, textOf } from "./texts.js";

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

/** Load what a page begins with; where that fails, say so and offer to try again. */
export async function load(place, act) {
  const [waiting, again] = [place.querySelector(".loading"), place.querySelector(".again")];
  again.querySelector("button").onclick = () => {
    [waiting.hidden, again.hidden] = [false, true];
    return load(place, act);
  };
  showErrors(place, []);
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    showErrors(place, [{ field: "", message: textOf(problem) }]);
    again.hidden = false;
  }
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
    message: text([`${at[field] ?? field}.${code}`, code]),
  }));
  const field = at[problem.code] ?? "";
  return named.length ? named : [{ field, message: textOf(problem, field) }];
}

/** The summary at the top, which takes the focus, and each error beside its field. None clears them. */
export function showErrors(form, errors) {
  for (const error of form.querySelectorAll(".error")) error.hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  const summary = form.querySelector(".summary");
  summary.hidden = errors.length === 0;
  document.title = document.title.replace(/^.*?: (?=.* · )/, "");
  if (!errors.length) return;
  summary.querySelector("ul").replaceChildren(...errors.map((error) => summaryLine(form, error)));
  for (const { field } of errors) showBeside(form, field, errors.filter((each) => each.field === field));
  document.title = `${text("error")}: ${document.title}`;
  summary.focus();
}

function summaryLine(form, { field, message }) {
  const line = document.createElement("li");
  const input = field && form.elements?.namedItem(field);
  if (!input) {
    line.textContent = message;
    return line;
  }
  const link = document.createElement("a");
  link.href = `#${input.id}`;
  link.textContent = message;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    input.focus();
  });
  line.append(link);
  return line;
}

function showBeside(form, field, errors) {
  const input = field && form.elements?.namedItem(field);
  if (!input) return;
  input.setAttribute("aria-invalid", "true");
  const beside = document.getElementById(`${input.id}-error`);
  beside.textContent = errors.map(({ message }) => message).join("\n");
  beside.hidden = false;
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

