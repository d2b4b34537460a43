import { callSignedIn } from "./api.js";
import { show, stepOf } from "./forms.js";
import { onNewPassword } from "./new-password.js";
import { showOnward } from "./onward.js";

showOnward();
const form = stepOf("password").querySelector("form");

onNewPassword(form, async ({ current_password, new_password }) => {
  await callSignedIn("/change", { current_password, new_password });
  form.reset();
  show("done", { push: false });
}, { invalid_credentials: "current_password" });

// For password managers, so that they know whose password it is.
callSignedIn("/account").then(({ email }) => { document.getElementById("username").value = email; }, () => {});
