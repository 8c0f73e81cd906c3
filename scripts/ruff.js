// Runs `ruff` from the sources: sets up what is missing, then starts the command with the given arguments.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root, setup } from "./setup.js";

setup();
const child = spawn(process.execPath, [join(root, "apps/cli/dist/main.js"), ...process.argv.slice(2)], {
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
