import { writeFileSync } from "node:fs";
import { generateAll } from "./generate.js";

for (const { path, text } of generateAll()) writeFileSync(path, text);
