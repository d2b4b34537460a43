import { callSignedIn } from "./api.js";

await callSignedIn("/account").catch(() => {}); // whoever is not signed in is led to do so first
