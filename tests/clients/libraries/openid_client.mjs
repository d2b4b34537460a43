// openid-client, for an application with a secret: sign in, userinfo, refresh, introspect, revoke.
import * as client from "openid-client";
import { allow, report, told } from "./person.mjs";

const authentication = client[told.authentication](told.client_secret);
const config = await client.discovery(new URL(told.issuer), told.client_id, undefined, authentication, {
  // The first as the issuer of this machine is http://localhost; the second checks signatures by the published keys.
  execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
});

const verifier = client.randomPKCECodeVerifier();
const [state, nonce] = [client.randomState(), client.randomNonce()];
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: told.redirect_uri,
  scope: "openid email profile offline_access",
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  max_age: "3600",
  state,
  nonce,
});
const callback = await allow(url, told.bearer);
const checks = {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  maxAge: 3600,
  idTokenExpected: true,
};
const tokens = await client.authorizationCodeGrant(config, callback, checks);
const claims = tokens.claims();
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);

const renewed = await client.refreshTokenGrant(config, tokens.refresh_token, { scope: "openid" });
const before = await client.tokenIntrospection(config, renewed.access_token);
await client.tokenRevocation(config, renewed.refresh_token);
const after = await client.tokenIntrospection(config, renewed.access_token);
const again = await client.authorizationCodeGrant(config, callback, checks).catch((refused) => refused.error);

report({
  sub: claims.sub,
  email: userinfo.email,
  granted: tokens.scope,
  renewed: renewed.access_token !== tokens.access_token && renewed.scope,
  active: [before.active, after.active],
  again,
  logout: client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token }).pathname,
});
