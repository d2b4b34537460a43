// Auth.js (@auth/core), with a provider of type `oidc` and nothing but its issuer.
import { Auth } from "@auth/core";
import { allow, report, told } from "./person.mjs";

const site = new URL(told.redirect_uri).origin;
const config = {
  trustHost: true,
  basePath: "/auth",
  secret: "of-this-test-alone",
  providers: [
    {
      id: "rekey",
      name: "Rekey",
      type: "oidc",
      issuer: told.issuer,
      clientId: told.client_id,
      clientSecret: told.client_secret,
      checks: ["pkce", "state", "nonce"],
    },
  ],
  callbacks: {
    jwt: ({ token, account }) => (account ? { ...token, rekey: account.providerAccountId } : token),
    session: ({ session, token }) => ({ ...session, sub: token.rekey }),
  },
};
const cookies = new Map();

async function ask(url, form) {
  const headers = { cookie: [...cookies].map((pair) => pair.join("=")).join("; ") };
  const sent = form ? { method: "POST", headers, body: new URLSearchParams(form) } : { headers };
  const answer = await Auth(new Request(url, sent), config);
  for (const cookie of answer.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
    cookies.set(name, value);
  }
  return answer;
}

const { csrfToken } = await (await ask(`${site}/auth/csrf`)).json();
const away = await ask(`${site}/auth/signin/rekey`, { csrfToken });
const back = await allow(away.headers.get("location"), told.bearer);
const signedIn = await ask(back);
const session = await (await ask(`${site}/auth/session`)).json();

report({ went: signedIn.headers.get("location"), sub: session?.sub, email: session?.user?.email });
