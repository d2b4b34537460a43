// Sign up, sign in, refresh: with the types that openapi-typescript makes of docs/openapi.json.
import createClient from "openapi-fetch";
import type { components, paths } from "./rekey.js";

type Schemas = components["schemas"];
type Mail = { to: string; links: string[] };

declare const process: { argv: string[] };
const [, , origin = "", email = "", password = ""] = process.argv;
const rekey = createClient<paths>({ baseUrl: origin });

async function mailedToken(): Promise<string> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const inbox = (await (await fetch(`${origin}/_local/inbox.json`)).json()) as Mail[];
    const token = inbox.find((mail) => mail.to === email)?.links[0]?.split("#token=")[1];
    if (token) return token;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no email came");
}

function require<Found>(found: Found | undefined, what: string): Found {
  if (found === undefined) throw new Error(what);
  return found;
}

await rekey.POST("/sign-up", { body: { email } });
const signedUp = await rekey.POST("/sign-up/complete", { body: { token: await mailedToken(), password } });
const next: "totp-setup" = require(signedUp.data, "no account").next;

const refused = await rekey.POST("/sign-in", { body: { email, password: `${password}?` } });
const code = refused.error && "code" in refused.error ? refused.error.code : "none";

const signedIn = require((await rekey.POST("/sign-in", { body: { email, password } })).data, "not signed in");
if (!("access_token" in signedIn)) throw new Error(signedIn.challenge);

const refreshed = await rekey.POST("/oauth/token", {
  body: { grant_type: "refresh_token", refresh_token: signedIn.refresh_token },
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
});
const tokens = require(refreshed.data, "not refreshed");

const headers = { Authorization: `${tokens.token_type} ${tokens.access_token}` };
const account = require((await rekey.GET("/account", { headers })).data, "no account");
const enrolment = require((await rekey.POST("/totp/setup", { headers })).data, "no body is needed");

// What the types let through, and what they do not.
const subject = (token: Schemas["ActiveToken"] | Schemas["InactiveToken"]) => (token.active ? token.sub : undefined);
const byCode: Schemas["TotpRequest"] = { challenge_token: "rkc_", code: "492039" };
// @ts-expect-error one of the two is needed
const byNeither: Schemas["TotpRequest"] = { challenge_token: "rkc_" };
// @ts-expect-error it is refused unless it is true
const unconfirmed: Schemas["ConfirmedChange"] = { email, reason: "Ticket 4711", confirm: false };
void [subject, byCode, byNeither, unconfirmed];

console.log(JSON.stringify({ next, code, email: account.email, digits: enrolment.secret.length }));
