// Sign in, call an API, stay signed in, sign out: oidc-client-ts as it comes, which finds the rest by discovery.
import { UserManager } from "oidc-client-ts";
import { settings } from "./settings.js";

const here = location.origin + location.pathname;
const manager = new UserManager({
  authority: settings.issuer,
  client_id: settings.client_id,
  redirect_uri: here,
  post_logout_redirect_uri: here,
  // With offline_access there is a refresh token: the library renews a minute before the access token expires.
  scope: "openid email offline_access",
});

const find = (id) => document.getElementById(id);

function show(user, news = "") {
  find("status").textContent = user ? `Signed in as ${user.profile.email}. ${news}` : `Signed out. ${news}`;
  find("sign-in").hidden = Boolean(user);
  find("call").hidden = find("sign-out").hidden = !user;
  find("answer").textContent = "";
}

// Rekey sends the browser back with `code` and `state`, with `error`, or after a sign-out with `state` alone.
async function takeAnswer() {
  const query = new URLSearchParams(location.search);
  if (!query.has("state")) return;
  history.replaceState(null, "", here);
  const answer = `${here}?${query}`;
  if (query.has("code") || query.has("error")) await manager.signinRedirectCallback(answer);
  else await manager.signoutRedirectCallback(answer);
}

async function callApi() {
  const user = await manager.getUser();
  const answer = await fetch(settings.api, { headers: { Authorization: `Bearer ${user.access_token}` } });
  find("answer").textContent = `${answer.status} ${await answer.text()}`;
}

find("sign-in").onclick = () => manager.signinRedirect();
find("sign-out").onclick = () => manager.signoutRedirect();
find("call").onclick = callApi;
manager.events.addUserLoaded((user) => show(user, "Renewed."));
// A refresh that Rekey refuses is the end of the session: it was revoked, or the person withdrew this application.
manager.events.addSilentRenewError(async () => {
  await manager.removeUser();
  show(null, "The session has ended.");
});

try {
  await takeAnswer();
  show(await manager.getUser());
} catch (error) {
  show(null, error.message);
}
