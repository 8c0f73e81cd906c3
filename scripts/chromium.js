// Finds Chromium for the tests of pages, or installs Debian's where this is Debian and we may. Plain JavaScript without
// dependencies.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The path of a Chromium, or undefined: RUFF_CHROMIUM, or one that is on the PATH. */
export function findChromium() {
  const { RUFF_CHROMIUM, PATH = "" } = process.env;
  if (RUFF_CHROMIUM) return RUFF_CHROMIUM;
  return PATH.split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** Installs Chromium where it is missing. Returns its path, or throws an error that says what to do. */
export function installChromium() {
  const found = findChromium();
  if (found) return found;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error("install Chromium (or Chrome), or name its program in RUFF_CHROMIUM, and run this again.");
  }
  console.error("Installing Chromium (apt-get install chromium) …");
  apt(["update", "-qq"]);
  apt(["install", "-y", "-qq", "--no-install-recommends", "chromium"]);
  return findChromium();
}

function apt(args) {
  const { status, stdout, stderr } = spawnSync("apt-get", args, {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (status !== 0) throw new Error(`apt-get ${args.join(" ")} failed:\n${stderr || stdout}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(installChromium());
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
