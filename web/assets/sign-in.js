import { call } from "./api.js";
import { onSubmit, sendsItself, show, showErrors, stepOf, steps } from "./forms.js";
import { AUTHORIZE, pathOf, pending, showOnward } from "./onward.js";
import { text } from "./texts.js";

const next = new URLSearchParams(location.search).get("next") ?? "";
const isOnward = next === "" || next === AUTHORIZE; // else they come from a page of the account
let challenged = false;
steps("password", (step) => step === "password" || challenged);
const onward = isOnward && showOnward();
document.getElementById("ended").hidden = onward || location.hash !== "#ended";
document.getElementById("was-reset").hidden = location.hash !== "#reset";
document.getElementById("signed-out").hidden = location.hash !== "#signed-out";

onSubmit(stepOf("password").querySelector("form"), async ({ email, password }) => {
  for (const notice of document.querySelectorAll(".notice")) notice.hidden = true;
  const locked = document.getElementById("locked");
  locked.hidden = true;
  const answer = await call("/sign-in", { email, password }).catch((problem) => {
    locked.hidden = problem.code !== "too_many_requests"; // a new password is a way in during the lock, too
    throw problem;
  });
  if (answer?.next === "totp-setup") return location.assign("/security/two-factor");
  if (answer?.challenge !== "totp") return leave();
  challenged = true;
  for (const form of document.forms) showErrors(form, []);
  for (const box of document.querySelectorAll("[name=remember_device]")) box.checked = false; // whoever was here before
  show("code");
  document.getElementById("code").focus();
}, { invalid_credentials: "password" });

const code = stepOf("code").querySelector("form");
onSubmit(code, ({ code, ...wish }) => complete({ code: code.replace(/\s/g, "") }, wish), {
  totp_invalid: "code", totp_used: "code", totp_clock_off: "code",
});
sendsItself(code.elements.code);
onSubmit(stepOf("recovery").querySelector("form"), ({ recovery_code, ...wish }) => complete({ recovery_code }, wish), {
  recovery_code_invalid: "recovery_code",
});

/** The wish is sent only where it was made: an API of the release before does not know it. */
async function complete(proof, { remember_device: isWished }) {
  try {
    await call("/sign-in/totp", isWished ? { ...proof, remember_device: true } : proof);
  } catch (problem) {
    const gone = problem.code === "challenge_invalid" || problem.errors.some(({ field }) => field === "challenge_token");
    if (!gone) throw problem;
    challenged = false;
    show("password");
    showErrors(stepOf("password").querySelector("form"), [{ field: "password", message: text("challenge_invalid") }]);
    return;
  }
  leave();
}

/** Back to an application's request, or to a path of this origin: a link to sign-in must not lead away. */
function leave() {
  const onward = isOnward && pending();
  if (onward) return location.replace(pathOf(onward));
  location.assign(/^\/[\w-][\w/-]*$/.test(next) ? next : "/security");
}
