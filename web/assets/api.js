// Calls of the API. Tokens never come here: they are cookies that scripts cannot read.

const ENDED = new Set(["authentication_required", "access_token_invalid"]);

/** A refusal, by the API's own code; `network` where no answer came. `told` is all that the API says with it. */
export class Problem extends Error {
  constructor(code, { status = 0, errors = [], offset = 0, wait = 0, told = {} } = {}) {
    super(code);
    Object.assign(this, { code, status, errors, offset, wait, told });
  }
}

/** What the API answers a call that needs no session. Throws a Problem. */
export async function call(path, body) {
  const answer = await send(path, body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = await answer.text();
  return told ? JSON.parse(told) : null;
}

/** The same in a session, whose token is refreshed once if it is old. Throws a Problem where there is no session, too. */
export async function callInSession(path, body) {
  const before = refreshes;
  try {
    return await call(path, body);
  } catch (problem) {
    if (!ENDED.has(problem.code)) throw problem;
  }
  if (refreshes === before) await refresh(); // else another call of this page did, meanwhile
  return call(path, body);
}

let wasSignedIn = false; // on this page

/** The same for whoever is signed in. All others are led to sign-in. */
export async function callSignedIn(path, body) {
  try {
    const told = await callInSession(path, body);
    wasSignedIn = true;
    return told;
  } catch (problem) {
    if (!ENDED.has(problem.code) && problem.code !== "invalid_grant" && problem.code !== "invalid_request") throw problem;
    const ended = wasSignedIn || problem.code === "invalid_grant"; // else they come for the first time
    location.replace(`/sign-in?next=${location.pathname}${ended ? "#ended" : ""}`);
    return new Promise(() => {}); // the page is being left
  }
}

let refreshes = 0; // of this page
let refreshing = null;

/** One refresh for all calls of this page that wait for it, and one at a time over all tabs. */
function refresh() {
  refreshing ??= navigator.locks.request("rekey-refresh", renew).finally(() => { refreshing = null; });
  return refreshing;
}

async function renew() {
  await send("/oauth/token", { method: "POST", body: new URLSearchParams({ grant_type: "refresh_token" }) });
  refreshes += 1;
}

async function send(path, options) {
  let answer;
  try {
    answer = await fetch(path, {
      ...options,
      headers: { ...options.headers, "Rekey-Client": "page" },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
    });
  } catch {
    throw new Problem("network");
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Problem(told.code ?? told.error ?? gatewayCode(answer.status), {
    status: answer.status,
    errors: told.errors,
    offset: told.clock_offset,
    wait: Number(answer.headers.get("Retry-After")),
    told,
  });
}

/** API Gateway's own refusals carry no code. */
function gatewayCode(status) {
  if (status === 429) return "too_many_requests";
  return status >= 500 ? "service_unavailable" : "unexpected";
}
