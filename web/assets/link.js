// The token of a mailed link: out of the address bar at once, kept in this page alone, spent only when the form is sent.

const found = new URLSearchParams(location.hash.slice(1)).get("token");
if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);

export const token = found;

// Another language is another page: the token goes along as it came, behind the #.
for (const link of document.querySelectorAll("footer a[hreflang]")) {
  link.addEventListener("click", () => {
    if (token) link.hash = new URLSearchParams({ token }).toString();
  });
}

// A second mailed link opened in this tab changes no more than the fragment.
addEventListener("hashchange", () => {
  if (location.hash.startsWith("#token=")) location.reload();
});
