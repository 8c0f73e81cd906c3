import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

export interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `ruff` to its end. */
export function ruff(args: readonly string[], env: Record<string, string> = {}): Promise<Answer> {
  const child = startRuff(args, env);
  return new Promise((resolve) => {
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    child.on("exit", (code) => resolve({ code, out, err }));
  });
}

export function startRuff(args: readonly string[], env: Record<string, string> = {}, cwd = process.cwd()) {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Waits until a running `ruff` has printed what is looked for; returns all that it printed on both streams. */
export function printed(child: ReturnType<typeof startRuff>, wanted: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const look = (chunk: unknown) => {
      text += chunk;
      if (wanted.test(text)) resolve(text);
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.on("exit", (code) => reject(new Error(`ended with ${code}: ${text.slice(-2000)}`)));
  });
}
