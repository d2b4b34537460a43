import { askFor } from "./ask.js";

askFor("/sign-up");
