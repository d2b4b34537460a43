// The person, as the page at /oauth/authorize acts for them: they are signed in, and allow all that is asked.

// Where the browser is sent on to.
export async function allow(url, bearer) {
  const { origin, searchParams } = new URL(url);
  const ask = async (page) => {
    const answer = await fetch(`${origin}/oauth/authorize`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ ...Object.fromEntries(searchParams), page }),
    });
    return answer.json();
  };
  let found = await ask({});
  if (found.code === "consent_required") found = await ask({ consent: found.scopes });
  if (!found.redirect_to) throw new Error(JSON.stringify(found));
  return new URL(found.redirect_to);
}

// What the test tells: the issuer, what is registered, the person's own token.
export const told = JSON.parse(process.env.TOLD);

export function report(found) {
  console.log(JSON.stringify(found));
}
