import { call } from "./api.js";
import { onSubmit, show, stepOf } from "./forms.js";
import { token } from "./link.js";
import { showRules } from "./rules.js";

const form = stepOf("password").querySelector("form");
showRules(form.elements.password);
if (!token) show("absent", { push: false });

onSubmit(form, async ({ password }) => {
  try {
    await call("/sign-up/complete", { token, password });
  } catch (problem) {
    if (problem.status !== 400) throw problem;
    show("spent", { push: false });
    return;
  }
  location.replace("/sign-up/protect");
});
