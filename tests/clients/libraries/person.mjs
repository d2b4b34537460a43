// The person, as the page at /oauth/authorize acts for them: they are signed in, and allow all that is asked.

// Where the browser is sent on to.
export async function allow(url, bearer) {
  const { origin, searchParams } = new URL(url);
  const asked = Object.fromEntries(searchParams);
  const answer = await fetch(`${origin}/oauth/authorize`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ ...asked, consent: asked.scope.split(" ") }),
  });
  const told = await answer.json();
  if (!told.redirect_to) throw new Error(`${answer.status} ${JSON.stringify(told)}`);
  return new URL(told.redirect_to);
}

// What the test tells: the issuer, what is registered, the person's own token.
export const told = JSON.parse(process.env.TOLD);

export function report(found) {
  console.log(JSON.stringify(found));
}
