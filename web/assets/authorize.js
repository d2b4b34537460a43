// An application's request: asked of the API by a call of this page's own, which leads through what is still lacking.

import { call, callInSession, callSignedIn } from "./api.js";
import { attempt, busy, load, onSubmit, show, stepOf } from "./forms.js";
import { AUTHORIZE, find, finish, keep } from "./onward.js";
import { AT_PROOF, proofOf } from "./proof.js";
import { scopeName, text } from "./texts.js";

const STILL = 600; // milliseconds: longer than a double click
const by = (id) => document.getElementById(id);
const formOf = (step) => stepOf(step).querySelector("form");
const asked = new URLSearchParams(location.search);
asked.delete("id_token_hint"); // of no use here, and nothing to keep
const query = `?${asked}`;
const parameters = Object.fromEntries([...new Set(asked.keys())].map((name) => {
  const [first, ...more] = asked.getAll(name);
  return [name, more.length ? [first, ...more] : first]; // twice the same is for the API to refuse
}));
const LACKING = {
  sign_in_required: signIn, totp_required: setUp, second_factor_required: askSecond, consent_required: askConsent,
  client_unknown: tellWrong, redirect_uri_invalid: tellWrong,
};
const request = { query, ...find(query) }; // what is known of it, to be kept on the way
let allowed; // the scopes that the person has seen
let still = 0; // a timer's, while no click counts

for (const link of document.querySelectorAll("footer a[hreflang]")) link.search = `${query}&lang=${link.hreflang}`;
onSubmit(formOf("confirm"), async (values) => {
  await callSignedIn("/reauthenticate", proofOf(values));
  await ask();
}, AT_PROOF);
onSubmit(formOf("consent"), () => ask({ consent: allowed }));
onPress("[data-deny]", () => ask({ denied: true }));
onPress("[data-other]", useAnother);
addEventListener("focus", holdStill);
await load(stepOf("loading"), ask);

function onPress(buttons, act) {
  for (const button of document.querySelectorAll(buttons)) {
    button.addEventListener("click", () => attempt(button.closest("section"), () => busy(button, act)));
  }
}

/** Ask, and act on the answer. What the page says itself comes last: nothing that a link holds takes its place. */
async function ask({ consent, denied } = {}) {
  try {
    return await leave(await callInSession(AUTHORIZE, { ...parameters, page: { consent, denied, since: request.since } }));
  } catch (problem) {
    if (!(problem.code in LACKING)) throw problem;
    return LACKING[problem.code](problem);
  }
}

/** To the application. An app on this device may need the press of a button, and leaves this page where it is. */
function leave({ redirect_to: uri }) {
  finish(query);
  location.replace(uri);
  if (/^https?:/.test(uri)) return new Promise(() => {}); // the page is being left
  by("open-app").onclick = () => location.assign(uri); // no link: the code stands nowhere to be read
  show("leaving", { push: false });
}

/** Not every refusal says who asks: then it is the address that it leads back to, which the API has judged already. */
function remember({ client_name: name = request.name ?? returnsTo(), asked_at: since, login_hint: hint }) {
  Object.assign(request, { name, hint: hint ?? request.hint, since: since ?? request.since });
  for (const place of document.querySelectorAll("[data-says]")) place.textContent = text(place.dataset.says, { place: name });
}

/** Elsewhere, and from there back to this request. */
function go(path) {
  keep(request);
  location.replace(path);
  return new Promise(() => {});
}

/** Whoever is signed in proves it here; all others sign in, or up. */
function signIn({ told }) {
  remember(told);
  if (told.reason === "create") return go("/sign-up");
  return told.reason === "signed_out" ? go("/sign-in") : askProof();
}

function setUp({ told }) {
  remember(told);
  return go("/security/two-factor");
}

function askSecond({ told }) {
  remember(told);
  if (told.enrolled) return askProof();
  keep(request); // the button leads away
  show("set-up", { push: false });
}

async function askProof() {
  keep(request); // a session that has ended leads away, too
  const { email, totp } = await callSignedIn("/account");
  const { proof } = formOf("confirm").elements;
  proof.required = totp.enabled;
  proof.closest(".field").hidden = !totp.enabled;
  by("username").value = email;
  tellWho(email);
  show("confirm", { push: false });
}

function tellWho(email) {
  for (const place of document.querySelectorAll("[data-who]")) place.textContent = email;
}

function askConsent({ told }) {
  remember(told);
  tellWho(told.email);
  allowed = told.scopes;
  by("scopes").replaceChildren(...allowed.map(scopeLine));
  by("returns").textContent = text("returns", { place: returnsTo() });
  show("consent", { push: false });
  holdStill();
}

function scopeLine(scope) {
  const line = document.createElement("li");
  line.textContent = scopeName(scope);
  return line;
}

function returnsTo() {
  const { protocol, host, hostname } = new URL(asked.get("redirect_uri"));
  return /^https?:$/.test(protocol) && !/^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname) ? host : text("returns_here");
}

/** A click meant for a window that has just lain above this one allows nothing. */
function holdStill() {
  const button = formOf("consent").querySelector("button");
  if (button.ariaDisabled === "true" && !still) return; // at work
  clearTimeout(still);
  button.ariaDisabled = "true";
  still = setTimeout(() => { [still, button.ariaDisabled] = [0, null]; }, STILL);
}

async function useAnother() {
  await call("/oauth/logout", { confirmed: true });
  return go("/sign-in");
}

function tellWrong({ code }) {
  for (const why of stepOf("wrong").querySelectorAll("[data-code]")) why.hidden = why.dataset.code !== code;
  show("wrong", { push: false });
}
