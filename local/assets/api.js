// Sends the forms. The access token stays in this page's memory and is gone with it.
let accessToken = "";
const session = document.getElementById("session");

function remember(token) {
  accessToken = token;
  session.textContent = token
    ? "Signed in: the access token is sent with the calls below, and forgotten when you leave this page."
    : "Not signed in. Complete a sign-up or sign in, and the access token is kept in this page.";
}

function request(form) {
  const fields = [...new FormData(form)].filter(([, value]) => value !== "");
  const options = { method: form.dataset.method, headers: {} };
  if (accessToken && form.dataset.bearer) options.headers.Authorization = `Bearer ${accessToken}`;
  if (form.dataset.type) {
    const isForm = form.dataset.type === "application/x-www-form-urlencoded";
    options.headers["Content-Type"] = form.dataset.type;
    options.body = isForm ? new URLSearchParams(fields).toString() : JSON.stringify(Object.fromEntries(fields));
  }
  return options;
}

// What one answer gives, the next call takes: a challenge token, a refresh token.
function carryOver(answer) {
  for (const [name, value] of Object.entries(answer)) {
    if (name === "access_token") remember(value);
    else if (typeof value === "string") {
      for (const field of document.querySelectorAll(`input[name="${CSS.escape(name)}"]`)) field.value = value;
    }
  }
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const output = form.nextElementSibling;
  const button = form.querySelector("button");
  button.disabled = true;
  output.replaceChildren();
  try {
    const query = form.dataset.type ? "" : new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
    const answer = await fetch(`${form.dataset.path}?${query}`.replace(/\?$/, ""), request(form));
    const text = await answer.text();
    const json = text && answer.headers.get("Content-Type").includes("json") ? JSON.parse(text) : null;
    if (json?.qr_svg) {
      const qr = document.createElement("img");
      qr.alt = "QR code for an authenticator app";
      qr.src = `data:image/svg+xml,${encodeURIComponent(json.qr_svg)}`;
      output.append(qr);
      json.qr_svg = "(as above)";
    }
    const shown = document.createElement("pre");
    shown.textContent = `${answer.status} ${answer.statusText}\n${json ? JSON.stringify(json, null, 2) : text}`.trim();
    output.append(shown);
    if (answer.ok && json) carryOver(json);
  } catch {
    output.textContent = "No answer: is the instance still running?";
  }
  button.disabled = false;
}

// A mailed link leads to the form of its path. The token leaves the address bar at once.
function followLink() {
  const form = document.querySelector(`form[data-path="${CSS.escape(location.pathname)}"]`);
  if (!form) return;
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token && form.elements.token) form.elements.token.value = token;
  history.replaceState(null, "", location.pathname);
  form.closest("section").classList.add("target");
  form.closest("section").scrollIntoView();
  form.querySelector("input:placeholder-shown, button")?.focus({ preventScroll: true });
}

for (const form of document.querySelectorAll("form")) form.addEventListener("submit", send);
remember("");
followLink();
addEventListener("hashchange", followLink);
