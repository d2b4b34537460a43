import { callSignedIn, Problem } from "./api.js";
import { onSubmit, show, stepOf } from "./forms.js";
import { showRules } from "./rules.js";

const form = stepOf("password").querySelector("form");
showRules(form.elements.new_password);

onSubmit(form, async ({ current_password, new_password, again }) => {
  if (new_password !== again) throw new Problem("different", { errors: [{ field: "again", code: "different" }] });
  await callSignedIn("/change", { current_password, new_password });
  form.reset();
  show("done", { push: false });
}, { invalid_credentials: "current_password" });

// For password managers, so that they know whose password it is.
callSignedIn("/account").then(({ email }) => { document.getElementById("username").value = email; }, () => {});
