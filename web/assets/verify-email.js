import { call } from "./api.js";
import { onSubmit, show, stepOf } from "./forms.js";
import { token } from "./link.js";

if (!token) show("absent", { push: false });

onSubmit(stepOf("confirm").querySelector("form"), async () => {
  try {
    await call("/email/verify/complete", { token });
  } catch (problem) {
    if (problem.status !== 400) throw problem;
    show("spent", { push: false });
    return;
  }
  show("done", { push: false });
});
