// npm run faults: the faults of networks in their long form, some quarter of an hour. Needs Go, which builds CometBFT; what
// else cannot run here is skipped, and counted.
import { join } from "node:path";
import { installComet } from "./comet.js";
import { root, run, setup } from "./setup.js";
import { installWrongClock } from "./wrong-clock.js";

setup();
installComet();
installWrongClock();
run(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--reporter=verbose",
    "apps/cli/test/faults",
    ...process.argv.slice(2),
  ],
  { env: { ...process.env, RUFF_FAULTS: "long" } },
);
