import { callSignedIn, Problem } from "./api.js";
import { load, onSubmit, sendsItself, show, stepOf, steps } from "./forms.js";
import { pathOf, pending, showOnward } from "./onward.js";
import { AT_PROOF, proofOf } from "./proof.js";
import { isLacking } from "./required.js";

const by = (id) => document.getElementById(id);
const formOf = (step) => stepOf(step).querySelector("form");

onSubmit(formOf("confirm"), async ({ current_password: password }) => {
  await callSignedIn("/reauthenticate", { password });
  await begin();
}, { invalid_credentials: "current_password" });
onSubmit(formOf("scan"), async ({ code }) => {
  const { recovery_codes } = await callSignedIn("/totp/verify", { code: code.replace(/\s/g, "") });
  showCodes(recovery_codes);
}, { totp_invalid: "code", totp_used: "code", totp_clock_off: "code" });
sendsItself(formOf("scan").elements.code);

onSubmit(formOf("replace"), async (values) => {
  await callSignedIn("/reauthenticate", proofOf(values));
  const { recovery_codes } = await callSignedIn("/totp/recovery-codes", {});
  const title = stepOf("codes").querySelector("h1");
  title.textContent = title.dataset.replaced;
  by("turned-on").hidden = true;
  formOf("replace").reset();
  by("codes-left").textContent = recovery_codes.length;
  showCodes(recovery_codes);
}, AT_PROOF);
onSubmit(formOf("off"), async (values) => {
  await callSignedIn("/reauthenticate", proofOf(values));
  await callSignedIn("/totp/disable", {});
  location.replace("/security#totp-off");
}, AT_PROOF);

// Whoever can show one of the codes has kept them: none is spent for it, and the API is not asked.
onSubmit(formOf("codes"), ({ saved_code }) => {
  const shown = [...by("codes").children].map((line) => plain(line.textContent));
  if (!shown.includes(plain(saved_code))) {
    throw new Problem("different", { errors: [{ field: "saved_code", code: "different" }] });
  }
  const onward = pending();
  location.assign(onward ? pathOf(onward) : "/security");
});

showOnward();
await load(stepOf("loading"), async () => {
  const { email, totp } = await callSignedIn("/account");
  by("whose").textContent = email; // of codes on paper
  const lacking = isLacking(totp);
  for (const why of document.querySelectorAll("[data-required]")) why.hidden = !lacking;
  if (totp.enabled) manage(totp);
  else await begin();
});

function manage({ recovery_codes_left, required }) {
  by("codes-left").textContent = recovery_codes_left;
  stepOf("on").querySelector("[data-to=off]").hidden = required;
  by("stays-on").hidden = !required;
  steps("on", (step) => step !== "off" || !required);
  show("on", { push: false });
}

async function begin() {
  let enrolment;
  try {
    enrolment = await callSignedIn("/totp/setup", {});
  } catch (problem) {
    if (problem.code !== "reauthentication_required") throw problem;
    return show("confirm", { push: false });
  }
  by("open").href = enrolment.otpauth_uri;
  by("qr").src = `data:image/svg+xml;base64,${btoa(enrolment.qr_svg)}`;
  by("key").textContent = enrolment.secret_grouped;
  by("copy").onclick = () => copy(by("copy"), enrolment.secret, by("key"));
  show("scan", { push: false });
}

async function copy(button, what, shown) {
  try {
    await navigator.clipboard.writeText(what);
  } catch { // not allowed to: marked, so that one key press copies it
    getSelection().selectAllChildren(shown);
    return;
  }
  button.nextElementSibling.textContent = button.dataset.done;
}

function showCodes(codes) {
  by("codes").replaceChildren(...codes.map((code) => {
    const line = document.createElement("li");
    line.textContent = code;
    return line;
  }));
  by("download").href = URL.createObjectURL(new Blob([codes.join("\r\n"), "\r\n"], { type: "text/plain" }));
  by("print").onclick = () => print();
  by("copy-codes").onclick = () => copy(by("copy-codes"), codes.join("\n"), by("codes"));
  show("codes", { push: false });
  by("qr").removeAttribute("src"); // the secret has done its work here
  by("open").removeAttribute("href");
}

/** As the API reads a recovery code (credentials/recovery_codes.py). */
function plain(code) {
  return code.toLowerCase().replace(/[-\s]/g, "").replaceAll("o", "0").replace(/[il]/g, "1");
}
