// Two-factor sign-in that is required, and not on: what leads on to an application, which lets nobody in without, is hidden.

export function isLacking({ enabled, required }) {
  const lacking = Boolean(required) && !enabled; // an API of the release before requires nothing
  for (const onward of document.querySelectorAll(".onward")) onward.hidden = lacking;
  return lacking;
}
