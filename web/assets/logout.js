// Signing out for an application: asked of the API, and of the person where nothing shows that they asked for it.

import { call } from "./api.js";
import { load, onSubmit, show, stepOf } from "./forms.js";
import { forgetAll } from "./onward.js";

const NAMES = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];
const asked = new URLSearchParams(location.search);
const parameters = Object.fromEntries(NAMES.filter((name) => asked.has(name)).map((name) => [name, asked.get(name)]));

for (const link of document.querySelectorAll("footer a[hreflang]")) link.search = `?${asked}&lang=${link.hreflang}`;
for (const form of document.forms) onSubmit(form, () => signOut({ ...(form.id === "asked" && parameters), confirmed: true }));
await load(stepOf("loading"), () => signOut(parameters));

async function signOut(body) {
  let answer;
  try {
    answer = await call("/oauth/logout", body);
  } catch (problem) {
    if (problem.code === "confirmation_required") return show("confirm", { push: false });
    if (problem.code === "redirect_uri_invalid") return show("wrong", { push: false });
    throw problem;
  }
  forgetAll();
  if (answer.redirect_to) {
    location.replace(answer.redirect_to);
    return new Promise(() => {}); // the page is being left
  }
  show("done", { push: false });
}
