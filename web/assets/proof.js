// Who is there proves it by the password, and where two-factor sign-in is on by either code: the macro `proof`.

/** At which field of it a refusal stands. */
export const AT_PROOF = {
  invalid_credentials: "current_password", totp_invalid: "proof", totp_used: "proof",
  recovery_code_invalid: "proof", code: "proof", recovery_code: "proof", password: "current_password",
};

/** The form's values as POST /reauthenticate takes them. */
export function proofOf({ current_password: password, proof }) {
  if (!proof) return { password };
  const digits = proof.replace(/\s/g, "");
  return { password, ...(/^\d{6}$/.test(digits) ? { code: digits } : { recovery_code: proof }) };
}
