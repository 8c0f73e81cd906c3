import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const OUTPUT_LIMIT = 2 ** 24;
const { resolve } = createRequire(import.meta.url);

/** Command lines of npm: the files that Node.js runs. */
export const hardhat = [process.execPath, resolve("hardhat/internal/cli/bootstrap")] as const;
export const ponder = [
  process.execPath,
  fileURLToPath(import.meta.resolve("ponder")).replace(/index.js$/, "bin/ponder.js"),
] as const;

/** A program of Foundry itself: its package's launcher loses the exit code. */
export function foundry(name: "cast" | "forge"): readonly [string] {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const manifest = resolve(`@foundry-rs/${name}-${process.platform}-${architecture}/package.json`);
  return [join(manifest, "../bin", process.platform === "win32" ? `${name}.exe` : name)];
}

export interface Run {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end in a folder of this workspace. */
export function run(
  folder: string,
  env: Record<string, string>,
  command: readonly [string, ...string[]],
  args: string[],
) {
  const options = {
    cwd: fileURLToPath(new URL(`../${folder}`, import.meta.url)),
    env: { ...process.env, NO_COLOR: "1", ...env },
    maxBuffer: OUTPUT_LIMIT,
  };
  const [program, ...first] = command;
  return new Promise<Run>((done) => {
    execFile(program, [...first, ...args], options, (error, out, err) => done({ code: error?.code ?? 0, out, err }));
  });
}

/** What a program has printed that ended well; throws with all that it said where it did not. */
export function printed({ code, out, err }: Run): string {
  if (code !== 0) throw new Error(`ended with ${code}:\n${out}\n${err}`);
  return out.trim();
}
