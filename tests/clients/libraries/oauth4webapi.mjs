// oauth4webapi, the strictest: a public application whose access tokens are JWTs. Every check that it has is on.
import * as oauth from "oauth4webapi";
import { allow, report, told } from "./person.mjs";

const local = { [oauth.allowInsecureRequests]: true }; // the issuer of this machine is http://localhost
const issuer = new URL(told.issuer);

async function discover(algorithm) {
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...local }));
}

const [server, byOAuth] = [await discover("oidc"), await discover("oauth2")];
const client = { client_id: told.client_id, id_token_signed_response_alg: "RS256", require_auth_time: true };
const verifier = oauth.generateRandomCodeVerifier();
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
const url = new URL(server.authorization_endpoint);
url.search = new URLSearchParams({
  client_id: told.client_id,
  redirect_uri: told.redirect_uri,
  response_type: "code",
  scope: "openid email offline_access orders.read",
  resource: told.audience,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
});
const callback = oauth.validateAuthResponse(server, client, await allow(url, told.bearer), state);
const none = oauth.None();
const answer = await oauth.authorizationCodeGrantRequest(
  server, client, none, callback, told.redirect_uri, verifier, local,
);
const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
  expectedNonce: nonce,
  requireIdToken: true,
});
await oauth.validateApplicationLevelSignature(server, answer, local);
const claims = oauth.getValidatedIdTokenClaims(tokens);

const asked = await oauth.userInfoRequest(server, client, tokens.access_token, local);
const userinfo = await oauth.processUserInfoResponse(server, client, claims.sub, asked);

// What an API does with the access token (RFC 9068).
const request = new Request(`${told.audience}/orders`, { headers: { Authorization: `Bearer ${tokens.access_token}` } });
const access = await oauth.validateJwtAccessToken(server, request, told.audience, local);

const refresh = await oauth.refreshTokenGrantRequest(server, client, none, tokens.refresh_token, local);
const renewed = await oauth.processRefreshTokenResponse(server, client, refresh);
const revoked = await oauth.revocationRequest(server, client, none, renewed.refresh_token, local);
await oauth.processRevocationResponse(revoked);
const late = await oauth.refreshTokenGrantRequest(server, client, none, renewed.refresh_token, local);
const refused = await oauth.processRefreshTokenResponse(server, client, late).catch((error) => error.error);

report({
  sub: claims.sub,
  email: userinfo.email,
  access: [access.sub, access.client_id, access.scope],
  renewed: renewed.access_token !== tokens.access_token,
  refused,
  alike: server.token_endpoint === byOAuth.token_endpoint,
});
