import { callSignedIn } from "./api.js";
import { attempt as attemptAt, busy, load } from "./forms.js";
import { forgetAll, showOnward } from "./onward.js";
import { isLacking } from "./required.js";
import { dayOf, has, networkName, scopeName, showTime, text, timesSince } from "./texts.js";

const FEW = 3; // recovery codes
const LATELY = 30 * 86400000; // milliseconds in which what happened is put first
const SIGN_INS = /^(sign_in\.succeeded|account\.created)$/;
const by = (id) => document.getElementById(id);
const main = by("main");
const notable = new Set(by("notable").dataset.types.split(" "));
let events = []; // all that are shown, newest first
let here = {}; // the session and the network of this page
let names = {}; // of applications, by id

showOnward();
await load(main, fill);
if (location.hash === "#totp-off") tell("totp_disabled");

async function fill() {
  const account = await callSignedIn("/account");
  by("who").textContent = account.email;
  showDelivery(account.delivery);
  showTotp(account.totp);
  showApplications(account.applications ?? []); // an API of the release before knows none
  by("sessions").replaceChildren(...account.sessions.map(sessionRow));
  by("others").hidden = account.sessions.length < 2;
  showDevices(account.devices ?? []); // an API of the release before knows none
  here = { network: account.client_address, since: account.sessions[0].created_at };
  showActivity(account.events, account.events_next);
  by("account").hidden = false;
}

function attempt(act) {
  by("news").hidden = true;
  return attemptAt(main, act);
}

function tell(name) {
  by("news").textContent = text(name);
  by("news").hidden = false;
}

function showDelivery(delivery) {
  const reasons = [...by("mails-stopped").querySelectorAll("[data-state]")];
  for (const reason of reasons) reason.hidden = reason.dataset.state !== delivery?.state;
  by("mails-stopped").hidden = reasons.every((reason) => reason.hidden);
}

function showTotp({ enabled, required, recovery_codes_left: left }) {
  const lacking = isLacking({ enabled, required });
  by("totp-required").hidden = !lacking;
  by("by-password").hidden = lacking;
  by("set-up").className = lacking ? "button primary" : "button secondary";
  by("totp-on").hidden = by("manage").hidden = !enabled;
  by("totp-off").hidden = by("set-up").hidden = enabled;
  by("codes-left").textContent = left;
  by("few-codes").hidden = !enabled || left > FEW;
}

function showApplications(applications) {
  names = Object.fromEntries(applications.map(({ client_id, name }) => [client_id, name]));
  by("connected").hidden = !applications.length;
  by("applications").replaceChildren(...applications.map(applicationRow));
}

function applicationRow({ client_id, name, scopes, connected_at }) {
  const row = rowOf("application", name, "/applications/withdraw", { client_id }, "application_disconnected");
  row.querySelector("[data-scopes]").textContent = scopes.map(scopeName).join(" · ");
  showTime(row.querySelector("time"), connected_at);
  return row;
}

function sessionRow(session) {
  const row = rowOf("session", names[session.client_id] ?? programOf(session), "/revoke-tokens", { scope: "session", session_id: session.session_id }, "session_ended");
  const how = `amr.${session.amr?.join(" ")}`; // an API of the release before does not tell
  row.querySelector("[data-how]").textContent = has(how) ? text(how) : "";
  showTime(row.querySelector("time"), session.refreshed_at);
  row.querySelector("button").hidden = session.current;
  row.querySelector("[data-current]").hidden = !session.current;
  if (session.current) by("sign-out").onclick = () => signOut(session.session_id);
  return row;
}

function showDevices(devices) {
  by("known").hidden = !devices.length;
  by("devices").replaceChildren(...devices.map(deviceRow));
}

function deviceRow(device) {
  const row = rowOf("device", programOf(device), "/devices/forget", { device_id: device.device_id }, "device_forgotten");
  row.querySelector("[data-current]").hidden = !device.current;
  showTime(row.querySelector("[data-first]"), device.created_at);
  showTime(row.querySelector("[data-last]"), device.last_used_at);
  row.querySelector("[data-trusted]").hidden = !device.trusted_until;
  if (device.trusted_until) showTime(row.querySelector("[data-until]"), device.trusted_until);
  return row;
}

/** What the owner can end by the row's button: a call, after which the page tells that it is done. */
function rowOf(template, name, path, body, told) {
  const row = by(template).content.cloneNode(true);
  const button = row.querySelector("button");
  row.querySelector("strong").textContent = name;
  button.setAttribute("aria-label", `${button.textContent}: ${name}`);
  button.addEventListener("click", () => end(button, path, body, told));
  return row;
}

function programOf({ program }) {
  return program || text("unknown_program");
}

/** Everything by day, and above it what its owner should look at. */
function showActivity(found, next) {
  events = found.sort((a, b) => (a.event_id < b.event_id ? 1 : -1));
  const days = new Map();
  for (const event of events) {
    const day = dayOf(event.at);
    days.set(day, [...(days.get(day) ?? []), eventRow(event, { day: false })]);
  }
  by("events").replaceChildren(...[...days].flatMap(([day, rows]) => dayOfRows(day, rows)));
  const first = events.filter((event) => isNotable(event) && Date.now() - Date.parse(event.at) < LATELY);
  by("notable").replaceChildren(...first.map((event) => eventRow(event, { day: true })));
  by("look").hidden = !first.length;
  by("earlier").hidden = !next;
  by("earlier").onclick = () => attempt(() => showEarlier(next));
}

async function showEarlier(next) {
  const account = await busy(by("earlier"), () => callSignedIn(`/account?events_before=${next}`));
  const [first] = account.events;
  showActivity([...events, ...account.events], account.events_next);
  by("events").querySelector(`[data-id="${first?.event_id}"]`)?.focus();
}

function dayOfRows(name, rows) {
  const day = by("day").content.cloneNode(true);
  day.querySelector("h3").textContent = name;
  day.querySelector("ul").replaceChildren(...rows);
  return [...day.children];
}

function eventRow(event, { day }) {
  const row = by("event").content.cloneNode(true);
  const what = differs(event) || `event.${event.type}`;
  row.querySelector("li").dataset.id = event.event_id;
  row.querySelector("[data-what]").textContent = has(what) ? text(what) : event.type;
  row.querySelector("[data-look]").hidden = day || !isNotable(event);
  showTime(row.querySelector("time"), event.at, { day });
  row.querySelector("[data-how]").textContent = howOf(event).join(" · ");
  return row;
}

function howOf(event) {
  const often = event.count > 1 ? [timesSince(event.count, event.first_at)] : [];
  if (event.by === "administrator") return [...often, text("administrator")];
  return [...often, programOf(event), networkName(event.client_address, here.network)];
}

function isNotable(event) {
  return notable.has(event.type) || differs(event) !== "";
}

/** What a sign-in other than this page's own did not have in common with any before it; "" if all, or if none is known.
 * Which was its own, and whether the device was known, the API tells of those that it recorded it of.
 * Only what the account itself did counts: requests of strangers make no network a familiar one. */
function differs(event) {
  if (event.type !== "sign_in.succeeded" || (event.current ?? event.at === here.since)) return "";
  if (event.device === "new") return "new_device";
  const before = events.filter(({ type, event_id: id }) => id < event.event_id && SIGN_INS.test(type));
  if (!before.length) return "";
  if (!before.some(({ program }) => program === event.program)) return "other_program";
  return before.some(({ client_address: network }) => network === event.client_address) ? "" : "other_network";
}

by("verify").addEventListener("click", () => attempt(async () => {
  await busy(by("verify"), () => callSignedIn("/email/verify", { locale: document.documentElement.lang }));
  tell("verification_sent");
}));

by("others").addEventListener("click", () => end(by("others"), "/revoke-tokens", { scope: "others" }, "others_ended"));

/** The button goes with what it ended. Whoever pressed it is led to the heading above, or to the news if that went too. */
async function end(button, path, body, told) {
  const section = button.closest("section");
  await attempt(async () => {
    await busy(button, () => callSignedIn(path, body));
    await fill();
    tell(told);
    (section.hidden ? by("news") : section.querySelector("h2")).focus();
  });
}

async function signOut(session_id) {
  await attempt(async () => {
    await busy(by("sign-out"), () => callSignedIn("/revoke-tokens", { scope: "session", session_id }));
    forgetAll();
    location.replace("/sign-in#signed-out");
  });
}

// Signed out in another tab, or come back to by the Back button: what stood here may no longer be so.
addEventListener("pageshow", (event) => { if (event.persisted) load(main, fill); });
