#!/usr/bin/env node
// What opens addresses on the person's machine: a browser that goes where it is sent, and back to the application.
import { allow, told } from "./person.mjs";

await fetch(await allow(process.argv[2], told.bearer));
