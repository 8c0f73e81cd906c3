// npm run comet: installs CometBFT, the engine of a network, into .tools/comet and prints the path of its program.
// Plain JavaScript without dependencies. Tests skip what needs CometBFT where it cannot be had.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./setup.js";

export const MODULE = "github.com/cometbft/cometbft";
export const VERSION = "v0.40.0";
/** Of the module's files and of its go.mod, as they stand in go.sum: whatever the proxy serves must have these. */
const SUM = "h1:0+zc7FlcnonFfMwzhyDCd5vK/fHZqz0RfRyTCxZsFPU=";
const GO_MOD_SUM = "h1:3z+Aq3BSkwNKw+Z40yPUTxtSRIpQa0w2PyCwyaxxHeU=";
const LEAST_GO = [1, 25];

const PROGRAM = process.platform === "win32" ? "cometbft.exe" : "cometbft";

/** Where the program is, once installed. */
const cometPath = join(root, ".tools", `cometbft-${VERSION}`, PROGRAM);

/** Installs CometBFT where it is missing. Returns its path, or throws an error that says what to do. */
export function installComet() {
  if (existsSync(cometPath)) return cometPath;
  checkGo();
  const { Sum, GoModSum } = JSON.parse(go(["mod", "download", "-json", `${MODULE}@${VERSION}`]));
  if (Sum !== SUM || GoModSum !== GO_MOD_SUM) {
    throw new Error(
      `${MODULE}@${VERSION} has the checksum ${Sum}, not ${SUM}: it is not what was released. Look at your GOPROXY.`,
    );
  }
  console.error(`Building CometBFT ${VERSION} with go install (a minute) …`);
  const building = join(root, ".tools", `building-${process.pid}`);
  mkdirSync(building, { recursive: true });
  try {
    go(["install", `${MODULE}/cmd/cometbft@${VERSION}`], { GOBIN: building });
    mkdirSync(join(cometPath, ".."), { recursive: true });
    renameSync(join(building, PROGRAM), cometPath);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return cometPath;
}

function checkGo() {
  const { status, stdout, error } = spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8" });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout ?? "") ?? [];
  const missing = error !== undefined || status !== 0;
  if (!missing && (major > LEAST_GO[0] || (Number(major) === LEAST_GO[0] && minor >= LEAST_GO[1]))) return;
  throw new Error(
    `CometBFT is built with Go ${LEAST_GO.join(".")} or newer, ${missing ? "which is not on the PATH" : `and this is ${stdout.trim()}`}. ` +
      "Install it from https://go.dev/dl/ (or: apt install golang, brew install go) and run this again. " +
      "Without it everything but networks of several nodes works: the embedded engine needs no other program.",
  );
}

export function go(args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync("go", args, {
    encoding: "utf8",
    env: { ...process.env, GOFLAGS: "-mod=mod", ...env },
    maxBuffer: 2 ** 26,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`go ${args.join(" ")} failed:\n${stderr || stdout}`);
  return stdout;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(installComet());
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
