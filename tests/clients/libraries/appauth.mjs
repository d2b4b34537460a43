// AppAuth, for a program on the person's machine: it opens their browser (`xdg-open`) and listens on a port.
import { register } from "node:module";

// It is published for bundlers: its imports leave out `.js`.
register(`data:text/javascript,${encodeURIComponent(`export const resolve = (name, context, next) =>
  next(/^\\.{1,2}\\//.test(name) && !/\\.m?js$/.test(name) ? name + ".js" : name, context)`)}`);
const appauth = await import("@openid/appauth");
const { NodeBasedHandler, NodeCrypto, NodeRequestor } = await import("@openid/appauth/built/src/node_support/index.js");
const { report, told } = await import("./person.mjs");

const requestor = new NodeRequestor();
const configuration = await appauth.AuthorizationServiceConfiguration.fetchFromIssuer(told.issuer, requestor);
const asked = {
  client_id: told.client_id,
  redirect_uri: told.redirect_uri,
  scope: "openid email offline_access",
  response_type: appauth.AuthorizationRequest.RESPONSE_TYPE_CODE,
};
const request = new appauth.AuthorizationRequest(asked, new NodeCrypto());
const handler = new NodeBasedHandler(Number(new URL(told.redirect_uri).port));
const code = await new Promise((resolve, reject) => {
  const notifier = new appauth.AuthorizationNotifier();
  handler.setAuthorizationNotifier(notifier);
  notifier.setAuthorizationListener((_, answer, refused) => (answer ? resolve(answer.code) : reject(refused)));
  handler.performAuthorizationRequest(configuration, request);
});

const tokens = new appauth.BaseTokenRequestHandler(requestor);
const { client_id, redirect_uri } = asked;
const first = await tokens.performTokenRequest(
  configuration,
  new appauth.TokenRequest({
    grant_type: appauth.GRANT_TYPE_AUTHORIZATION_CODE,
    extras: { code_verifier: request.internal.code_verifier },
    client_id,
    redirect_uri,
    code,
  }),
);
const renewed = await tokens.performTokenRequest(
  configuration,
  new appauth.TokenRequest({
    grant_type: appauth.GRANT_TYPE_REFRESH_TOKEN,
    refresh_token: first.refreshToken,
    client_id,
    redirect_uri,
  }),
);
const headers = { Authorization: `Bearer ${renewed.accessToken}` };
const { sub, email } = await (await fetch(configuration.userInfoEndpoint, { headers })).json();

report({ sub, email, renewed: renewed.accessToken !== first.accessToken });
