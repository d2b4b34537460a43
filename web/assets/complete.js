import { call } from "./api.js";
import { show, stepOf } from "./forms.js";
import { token } from "./link.js";
import { onNewPassword } from "./new-password.js";

if (!token) show("absent", { push: false });

onNewPassword(stepOf("password").querySelector("form"), async ({ new_password }) => {
  try {
    await call("/sign-up/complete", { token, password: new_password });
  } catch (problem) {
    if (problem.status !== 400) throw problem;
    show("spent", { push: false });
    return;
  }
  location.replace("/sign-up/protect");
}, { password: "new_password" });
