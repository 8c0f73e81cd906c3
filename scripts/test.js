// npm test: sets up what is missing, then runs every test. Arguments go to vitest: npm test -- packages/kernel
import { join } from "node:path";
import { installChromium } from "./chromium.js";
import { installComet } from "./comet.js";
import { root, run, setup } from "./setup.js";

setup();
try {
  installComet();
} catch (error) {
  console.error(`Tests of networks are skipped, for there is no CometBFT: ${error.message}`);
}
try {
  installChromium();
} catch (error) {
  console.error(`Tests of pages are skipped, for there is no Chromium: ${error.message}`);
}
run(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", ...process.argv.slice(2)]);
