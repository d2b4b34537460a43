import { callSignedIn, Problem } from "./api.js";
import { busy, load, showErrors } from "./forms.js";
import { clientName, has, showTime, text, textOf } from "./texts.js";

const FEW = 3; // recovery codes
const by = (id) => document.getElementById(id);
const main = by("main");

await load(main, fill);
if (location.hash === "#totp-off") tell("totp_disabled");

async function fill() {
  const account = await callSignedIn("/account");
  by("who").textContent = account.email;
  showDelivery(account.delivery);
  showTotp(account.totp);
  by("sessions").replaceChildren(...account.sessions.sort((a, b) => b.current - a.current).map(sessionRow));
  by("others").hidden = account.sessions.length < 2;
  by("events").replaceChildren(...account.events.map(eventRow));
  by("account").hidden = false;
}

async function attempt(act) {
  showErrors(main, []);
  by("news").hidden = true;
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    showErrors(main, [{ field: "", message: textOf(problem) }]);
  }
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

function showTotp({ enabled, recovery_codes_left: left }) {
  by("totp-on").hidden = by("manage").hidden = !enabled;
  by("totp-off").hidden = by("set-up").hidden = enabled;
  by("codes-left").textContent = left;
  by("few-codes").hidden = !enabled || left > FEW;
}

function sessionRow(session) {
  const row = by("session").content.cloneNode(true);
  const button = row.querySelector("button");
  row.querySelector("[data-client]").textContent = clientName(session.client);
  row.querySelector("[data-current]").hidden = !session.current;
  showTime(row.querySelector("time"), session.refreshed_at);
  button.hidden = session.current;
  button.setAttribute("aria-label", `${button.textContent}: ${clientName(session.client)}`);
  button.addEventListener("click", () => end(button, { scope: "session", session_id: session.session_id }, "session_ended"));
  if (session.current) by("sign-out").onclick = () => signOut(session.session_id);
  return row;
}

function eventRow(event) {
  const row = by("event").content.cloneNode(true);
  row.querySelector("[data-what]").textContent = has(`event.${event.type}`) ? text(`event.${event.type}`) : event.type;
  showTime(row.querySelector("time"), event.at);
  row.querySelector("[data-client]").textContent = event.by === "administrator" ? text("administrator") : clientName(event.client);
  row.querySelector("[data-address]").textContent = event.client_address;
  return row;
}

by("verify").addEventListener("click", () => attempt(async () => {
  await busy(by("verify"), () => callSignedIn("/email/verify", { locale: document.documentElement.lang }));
  tell("verification_sent");
}));

by("others").addEventListener("click", () => end(by("others"), { scope: "others" }, "others_ended"));

async function end(button, body, told) {
  await attempt(async () => {
    await busy(button, () => callSignedIn("/revoke-tokens", body));
    await fill();
    tell(told);
  });
}

async function signOut(session_id) {
  await attempt(async () => {
    await busy(by("sign-out"), () => callSignedIn("/revoke-tokens", { scope: "session", session_id }));
    location.replace("/sign-in#signed-out");
  });
}

// Signed out in another tab, or come back to by the Back button: what stood here may no longer be so.
addEventListener("pageshow", (event) => { if (event.persisted) load(main, fill); });
