import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where "npm run comet" installs CometBFT. Tests that need it are skipped where it is missing, and counted as such. */
const [installed] = ["cometbft", "cometbft.exe"]
  .map((program) => join(import.meta.dirname, "../../../../.tools/cometbft-v0.40.0", program))
  .filter(existsSync);

export const cometMissing = installed === undefined;
export const cometProgram = installed ?? "cometbft";
