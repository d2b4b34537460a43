// A password is chosen in the same way wherever it is: its rules are marked as it is typed, and it is typed twice.

import { Problem } from "./api.js";
import { onSubmit } from "./forms.js";
import { showRules } from "./rules.js";

/** As `onSubmit`, for a form with the fields `new_password` and `again`. */
export function onNewPassword(form, act, at = {}) {
  showRules(form.elements.new_password);
  onSubmit(form, (values) => {
    if (values.new_password !== values.again) {
      throw new Problem("different", { errors: [{ field: "again", code: "different" }] });
    }
    return act(values);
  }, at);
}
