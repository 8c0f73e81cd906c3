import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../../scripts/comet.js", import.meta.url));

/** The path of CometBFT, installed on first use. Throws where it cannot be had. */
export function cometProgram(): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], { encoding: "utf8" });
  if (status !== 0) throw new Error(`CometBFT is needed for networks: ${stderr}`);
  return stdout.trim().split("\n").at(-1) as string;
}
