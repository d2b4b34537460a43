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

/** Fill a <time> in the person's language and time zone. */
export function showTime(element, iso) {
  element.dateTime = iso;
  element.textContent = moments.format(new Date(iso));
}

const PROGRAMS = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["FxiOS/", "Firefox"], ["CriOS/", "Chrome"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]];
const SYSTEMS = [["iPhone", "iPhone"], ["iPad", "iPad"], ["Android", "Android"], ["Windows", "Windows"], ["Mac OS X", "macOS"], ["CrOS", "ChromeOS"], ["Linux", "Linux"]];

/** "Firefox on Windows", of the name a program gives itself. */
export function clientName(client) {
  const [program, system] = [PROGRAMS, SYSTEMS].map((list) => list.find(([mark]) => client.includes(mark))?.[1]);
  if (program && system) return text("client_on", { program, system });
  return program ?? (client.slice(0, 40) || text("unknown_client"));
}
