import { call, Problem } from "./api.js";
import { onSubmit, show, stepOf } from "./forms.js";
import { token } from "./link.js";
import { showRules } from "./rules.js";

const form = stepOf("password").querySelector("form");
showRules(form.elements.new_password);
if (!token) show("absent", { push: false });

onSubmit(form, async ({ new_password, again }) => {
  if (new_password !== again) throw new Problem("different", { errors: [{ field: "again", code: "different" }] });
  try {
    await call("/reset", { token, new_password });
  } catch (problem) {
    if (problem.status !== 400) throw problem;
    show("spent", { push: false });
    return;
  }
  location.replace("/sign-in#reset");
});
