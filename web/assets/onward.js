// What people are on the way to: an application's request, which waits while they sign in, follow an emailed link, reset a
// password or set up a second factor. This browser keeps it for an hour, for its other tabs, too. No token is in it.

import { text } from "./texts.js";

export const AUTHORIZE = "/oauth/authorize";
const KEY = "rekey-onward", LIFE = 3600000, MOST = 5;

/** The request with which this tab is on the way, or else the newest of this browser; null for none.
 * One that has been answered in another tab is over in this one, too. */
export function pending() {
  const mine = sessionStorage.getItem(KEY);
  return (mine === null ? all()[0] : find(mine)) ?? null;
}

/** The request of this query, if it is kept. */
export const find = (query) => all().find((each) => each.query === query);

/** Keep a request: its `query`, `since` when it was first asked (Unix seconds), the application's `name`, and for which
 * address it asks (`hint`). */
export function keep(request) {
  sessionStorage.setItem(KEY, request.query);
  write([{ ...request, until: Date.now() + LIFE }, ...others(request.query)].slice(0, MOST));
}

/** It has been answered. */
export function finish(query) {
  sessionStorage.removeItem(KEY);
  write(others(query));
}

/** Whoever signs out is on the way to nothing. */
export function forgetAll() {
  sessionStorage.removeItem(KEY);
  write([]);
}

export const pathOf = ({ query }) => AUTHORIZE + query;

/** Show what a page has for those who are on the way, with the application's name. Answers the request, or null. */
export function showOnward() {
  const request = pending();
  if (!request) return null;
  for (const place of document.querySelectorAll("[data-onward]")) {
    place.textContent = text(place.dataset.onward, { place: request.name });
    place.parentElement.hidden = place.hidden = false;
    if (place.matches("a")) place.href = pathOf(request);
  }
  const address = document.getElementById("email");
  if (address && !address.value) address.value = request.hint ?? "";
  return request;
}

const all = () => JSON.parse(localStorage.getItem(KEY) ?? "[]").filter(({ until }) => until > Date.now());
const others = (query) => all().filter((each) => each.query !== query);
const write = (requests) => localStorage.setItem(KEY, JSON.stringify(requests));
