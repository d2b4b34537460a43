import { callSignedIn } from "./api.js";
import { showOnward } from "./onward.js";

showOnward();
await callSignedIn("/account").catch(() => {}); // whoever is not signed in is led to do so first
