// Installs and builds what a fresh clone lacks. Plain JavaScript without dependencies: it runs before `npm install`.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const MINIMUM_NODE = [20, 19];

/** Runs a command with its output shown; ends this process with the command's code if it fails. */
export function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? (signal ? 1 : 0));
}

/** Makes sure that dependencies are installed as the lock file says and that the sources are built. */
export function setup() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
    console.error(`Ruff Chain needs Node.js ${MINIMUM_NODE.join(".")} or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules", ".ruff-installed");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
    console.error("[1/2] Installing dependencies (npm install) …");
    // Not `npm ci`: it refuses a lock file that lacks optional packages of other platforms. This keeps to the lock, too.
    run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]);
    writeFileSync(stamp, lock);
  }
  console.error("[2/2] Building (tsc --build) …");
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--build"]);
}
