// What was refused: each error said once, at its field, or at the top where it is no field's.

import { text } from "./texts.js";

/** Each error beside its field, or at the top if it is no field's; the focus goes to the first. None clears them. */
export function showErrors(form, errors) {
  clearErrors(form);
  if (!errors.length) return;
  const inputOf = ({ field }) => field && form.elements?.namedItem(field);
  const refused = [...new Set(errors.map(inputOf).filter(Boolean))];
  for (const input of refused) showBeside(input, errors.filter((each) => inputOf(each) === input));
  const summary = form.querySelector(".summary");
  const apart = errors.filter((each) => !inputOf(each));
  summary.hidden = !apart.length;
  summary.querySelector("ul").replaceChildren(...apart.map(({ message }) => lineOf("li", message)));
  document.title = `${text("error")}: ${document.title}`;
  (apart.length ? summary : refused[0]).focus();
}

function clearErrors(form) {
  for (const shown of form.querySelectorAll(".error, .summary")) shown.hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  for (const line of form.querySelectorAll(".unmet")) line.classList.remove("unmet");
  for (const input of form.querySelectorAll("[data-rules]")) describe(input, input.dataset.rules, `${input.id}-error`);
  document.title = document.title.replace(/^.*?: (?=.* · )/, "");
}

function showBeside(input, errors) {
  const beside = document.getElementById(`${input.id}-error`);
  input.setAttribute("aria-invalid", "true");
  beside.replaceChildren(...errors.map((error) => errorLine(input, error)));
  // A field that has the focus already is not read out again: then the error itself is.
  beside.role = input === document.activeElement ? "alert" : null;
  beside.hidden = false;
  if (input.autocomplete !== "one-time-code") return;
  input.value = ""; // it will not be right a second time
  input.dispatchEvent(new Event("input"));
}

function lineOf(tag, message) {
  const line = document.createElement(tag);
  line.textContent = message;
  return line;
}

const describe = (input, ...ids) => input.setAttribute("aria-describedby", ids.join(" "));

/** What the field's list of rules says already is marked there, and here only heard: instead of the list. */
function errorLine(input, { code, message }) {
  const line = lineOf("span", message);
  const rule = input.dataset.rules && document.querySelector(`#${input.dataset.rules} [data-codes~="${code}"]`);
  if (!rule) return line;
  rule.classList.add("unmet");
  line.classList.add("heard");
  describe(input, `${input.id}-error`);
  return line;
}
