import { askFor } from "./ask.js";

askFor("/forgot");
