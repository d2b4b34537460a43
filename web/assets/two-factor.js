import { callSignedIn, Problem } from "./api.js";
import { onSubmit, sendsItself, show, showErrors, stepOf } from "./forms.js";
import { textOf } from "./texts.js";

const by = (id) => document.getElementById(id);
const formOf = (step) => stepOf(step).querySelector("form");

onSubmit(formOf("confirm"), ({ password }) => begin({ password }), { invalid_credentials: "password" });
onSubmit(formOf("scan"), async ({ code }) => {
  const { recovery_codes } = await callSignedIn("/totp/verify", { code: code.replace(/\s/g, "") });
  showCodes(recovery_codes);
}, { totp_invalid: "code", totp_used: "code", totp_clock_off: "code" });
sendsItself(formOf("scan").elements.code);
onSubmit(formOf("off"), async ({ password_off, proof }) => {
  const digits = proof.replace(/\s/g, "");
  const factor = /^\d{6}$/.test(digits) ? { code: digits } : { recovery_code: proof };
  await callSignedIn("/totp/disable", { password: password_off, ...factor });
  location.replace("/security#totp-off");
}, {
  invalid_credentials: "password_off", totp_invalid: "proof", totp_used: "proof", totp_clock_off: "proof",
  recovery_code_invalid: "proof", code: "proof", recovery_code: "proof", password: "password_off",
});

try {
  const { totp } = await callSignedIn("/account");
  if (totp.enabled) show("off", { push: false });
  else await begin({});
} catch (problem) {
  if (!(problem instanceof Problem)) throw problem;
  stepOf("loading").querySelector(".loading").hidden = true;
  showErrors(stepOf("loading"), [{ field: "", message: textOf(problem) }]);
}

async function begin(body) {
  let enrolment;
  try {
    enrolment = await callSignedIn("/totp/setup", body);
  } catch (problem) {
    if (problem.code !== "reauthentication_required") throw problem;
    return show("confirm", { push: false });
  }
  by("qr").src = `data:image/svg+xml;base64,${btoa(enrolment.qr_svg)}`;
  by("key").textContent = enrolment.secret_grouped;
  by("copy").onclick = () => copy(enrolment.secret);
  show("scan", { push: false });
}

async function copy(secret) {
  await navigator.clipboard.writeText(secret);
  by("copy").textContent = by("copy").dataset.done;
}

function showCodes(codes) {
  by("codes").replaceChildren(...codes.map((code) => {
    const line = document.createElement("li");
    line.textContent = code;
    return line;
  }));
  by("download").href = URL.createObjectURL(new Blob([codes.join("\r\n"), "\r\n"], { type: "text/plain" }));
  by("print").onclick = () => print();
  show("codes", { push: false });
  by("qr").removeAttribute("src"); // the secret has done its work here
}
