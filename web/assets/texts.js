// Texts of the page's language, and times and durations as it writes them.

const { lang } = document.documentElement;
// The page's language as the person's own country writes it.
const language = navigator.languages.find((each) => each.startsWith(lang)) ?? lang;
const texts = new Map(
  [...document.getElementById("texts").content.querySelectorAll("[data-text]")].map((each) => [
    each.dataset.text,
    each.textContent,
  ]),
);

/** The first text there is of these names. */
export function text(names, values = {}) {
  const name = [names].flat().find((each) => texts.has(each)) ?? "unexpected";
  return texts.get(name).replace(/\{(\w+)\}/g, (_, value) => values[value]);
}

export const has = (name) => texts.has(name);

/** What an application may do by a scope; one of an API's own goes by its name. */
export const scopeName = (scope) => text([`scope.${scope}`, "scope"], { scope });

/** What a Problem says, of a field where it has words of its own for it. */
export function textOf(problem, field = "") {
  return text([`${field}.${problem.code}`, problem.code], {
    duration: duration(Math.abs(problem.offset ?? 0)),
    when: inTime(problem.wait || 60),
  });
}

function duration(seconds) {
  const [count, unit] = inUnits(seconds);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

function inTime(seconds) {
  return new Intl.RelativeTimeFormat(language).format(...inUnits(seconds));
}

function inUnits(seconds) {
  if (seconds < 60) return [Math.ceil(seconds), "second"];
  return seconds < 5400 ? [Math.ceil(seconds / 60), "minute"] : [Math.round(seconds / 3600), "hour"];
}

const moments = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(language, { timeStyle: "short" });
const days = new Intl.DateTimeFormat(language, { dateStyle: "full" });
const near = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const numbers = new Intl.NumberFormat(language);

/** Fill a <time> in the person's language and time zone: day and time, or the time of a day named elsewhere. */
export function showTime(element, iso, { day = true } = {}) {
  element.dateTime = iso;
  element.textContent = (day ? moments : clock).format(new Date(iso));
}

/** "Today", "Yesterday" or the whole date. */
export function dayOf(iso) {
  const day = new Date(iso);
  const ago = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(iso).setHours(0, 0, 0, 0)) / 86400000);
  const name = ago === 0 || ago === 1 ? near.format(-ago, "day") : days.format(day);
  return name[0].toLocaleUpperCase(language) + name.slice(1);
}

/** "12 times since 3 May 2027, 14:05" */
export function timesSince(count, iso) {
  return text("times", { count: numbers.format(count), when: moments.format(new Date(iso)) });
}

/** A network as the API writes it, in words: `own` is the one that the person is in. */
export function networkName(network, own) {
  if (network === "127.0.0.0/24" || network === "::/48") return text("this_computer");
  if (network === own) return text("this_network");
  return text("named_network", { network: network.replace(/\.0\/24$/, ".x").replace(/::\/48$/, ":…") });
}
