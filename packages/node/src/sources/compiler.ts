import { Worker } from "node:worker_threads";
import type { RuntimeCode } from "./match.js";
import { SourceError, type SourceErrorCode } from "./source-error.js";

/** A compilation that takes longer is given up. */
export const MAX_COMPILE_MS = 60_000;

/** Solidity's standard JSON input, as far as it is looked at here. */
export interface StandardInput {
  readonly language: "Solidity";
  readonly sources: Readonly<Record<string, { readonly content: string }>>;
  readonly settings?: Record<string, unknown>;
}

export interface CompileRequest {
  readonly input: StandardInput;
  /** As `0.8.37+commit.f401782d`. */
  readonly compilerVersion: string;
  readonly file: string;
  readonly name: string;
}

export interface Compiled {
  readonly abi: readonly unknown[];
  /** The compiler's own words, byte for byte: its hash stands in the code. */
  readonly metadata: string;
  readonly compilerVersion: string;
  readonly runtime: RuntimeCode;
}

export type CompileAnswer = Compiled | { readonly error: SourceErrorCode; readonly message: string };

/** Compiles in a worker thread, which ends with it: whatever it used is free again. Rejects with SourceError. */
export async function compile(request: CompileRequest, limitMs = MAX_COMPILE_MS): Promise<Compiled> {
  const worker = new Worker(new URL("./compile-worker.js", import.meta.url), {
    workerData: request,
    // The compiler may end the process it believes to own, and says what it does on these.
    stdout: true,
    stderr: true,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<CompileAnswer>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new SourceError("compiler_timeout", `the compiler took longer than ${limitMs} ms`));
      }, limitMs);
      worker.once("message", resolve);
      worker.once("error", (error) => reject(new SourceError("compiler_error", String(error))));
      worker.once("exit", () => reject(new SourceError("compiler_error", "the compiler ended without an answer")));
    });
    if ("error" in answer) throw new SourceError(answer.error, answer.message);
    return answer;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
