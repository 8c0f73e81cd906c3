// Builds a CometBFT whose clock is wrong by CLOCK_SKEW_SECONDS, for tests: the released sources with another time.Now. Go
// programs ask the kernel for the time, past the C library, so nothing that is preloaded could do it.
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { go, installComet, MODULE, VERSION } from "./comet.js";

const NOW = "\tsec, nsec, mono := runtimeNow()\n";
const IMPORTS = "import (\n";
const SKEW = `
var clockSkew = func() int64 {
	text, _ := syscall.Getenv("CLOCK_SKEW_SECONDS")
	skew, _ := ParseDuration(text + "s")
	return int64(skew / Second)
}()
`;

/** The path of the program, built on first use (a minute). Throws where CometBFT cannot be had. */
export function installWrongClock() {
  const program = join(dirname(installComet()), "cometbft-wrong-clock");
  if (existsSync(program)) return program;
  console.error("Building a CometBFT with a wrong clock (a minute) …");
  const original = join(go(["env", "GOROOT"]).trim(), "src", "time", "time.go");
  const source = readFileSync(original, "utf8");
  if (!source.includes(NOW) || !source.includes(IMPORTS))
    throw new Error(`${original} does not read the clock as known`);
  const folder = mkdtempSync(join(tmpdir(), "ruff-clock-"));
  try {
    const [changed, overlay] = [join(folder, "time.go"), join(folder, "overlay.json")];
    const skewed = source.replace(NOW, `${NOW}\tsec += clockSkew\n`).replace(IMPORTS, `${IMPORTS}\t"syscall"\n`);
    writeFileSync(changed, skewed + SKEW);
    writeFileSync(overlay, JSON.stringify({ Replace: { [original]: changed } }));
    go(["install", "-overlay", overlay, `${MODULE}/cmd/cometbft@${VERSION}`], { GOBIN: folder });
    renameSync(join(folder, "cometbft"), program);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return program;
}
