import { randomUUID } from "node:crypto";
import type { Address } from "@ruffchain/abi";
import { z } from "zod";
import { compile, type StandardInput } from "./compiler.js";
import { matchCode } from "./match.js";
import { SourceError } from "./source-error.js";
import type { SourceStore } from "./source-store.js";

/** Verifications that wait for the compiler; it does one at a time. */
export const MAX_WAITING_VERIFICATIONS = 16;
/** Finished verifications whose outcome is kept. */
export const MAX_KEPT_VERIFICATIONS = 1_000;

const submission = z.object({
  stdJsonInput: z.looseObject({
    language: z.string(),
    sources: z.record(z.string(), z.looseObject({ content: z.string() })),
    settings: z.record(z.string(), z.unknown()).optional(),
  }),
  compilerVersion: z.string().regex(/^v?\d+\.\d+\.\d+(\+commit\.[0-9a-f]{8})?$/),
  contractIdentifier: z.string().regex(/^.+:[\w$]+$/),
  /** Sourcify's field; the code that stands at the address is compared, not the one that made it. */
  creationTransactionHash: z.string().optional(),
});

export interface SourceVerifierOptions {
  /** The code of an address in the newest state. */
  readonly code: (address: Address) => Uint8Array;
  readonly store: SourceStore;
  /** Told of errors that are ours, not the submitter's. */
  readonly onFault: (error: unknown) => void;
}

export interface Verification {
  readonly id: string;
  readonly address: Address;
  readonly started: string;
  finished?: string;
  error?: SourceError;
}

/** Compiles sources that anybody submits, one after another, compares them with deployed code and keeps what matches. */
export class SourceVerifier {
  readonly #options: SourceVerifierOptions;
  readonly #verifications = new Map<string, Verification>();
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: SourceVerifierOptions) {
    this.#options = options;
  }

  /** Takes a submission in the form of Sourcify's API; it is done later. Throws SourceError. */
  submit(address: Address, body: unknown): Verification {
    const parsed = submission.safeParse(body);
    if (!parsed.success) throw new SourceError("invalid_parameter", z.prettifyError(parsed.error));
    const { stdJsonInput, compilerVersion, contractIdentifier } = parsed.data;
    if (stdJsonInput.language !== "Solidity") {
      throw new SourceError("unsupported_language", `${stdJsonInput.language} is not compiled here: Solidity is`);
    }
    const code = this.#options.code(address);
    if (code.length === 0) throw new SourceError("contract_not_deployed", `there is no contract at ${address}`);
    if (this.#options.store.find(code)?.match === "exact_match") {
      throw new SourceError("already_verified", `${address} is verified already, with an exact match`);
    }
    if (this.#waiting >= MAX_WAITING_VERIFICATIONS) {
      throw new SourceError("too_many_requests", `${MAX_WAITING_VERIFICATIONS} verifications wait already`);
    }
    const verification: Verification = { id: randomUUID(), address, started: new Date().toISOString() };
    this.#remember(verification);
    this.#waiting++;
    this.#last = this.#last.then(async () => {
      this.#waiting--;
      const outcome = await this.#verify(code, stdJsonInput as StandardInput, compilerVersion, contractIdentifier);
      if (outcome) verification.error = outcome;
      verification.finished = new Date().toISOString();
    });
    return verification;
  }

  get(id: string): Verification | undefined {
    return this.#verifications.get(id);
  }

  /** Gives up what waits and finishes what is being compiled. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }

  /** Undefined where the source was verified and kept; else why not. */
  async #verify(
    code: Uint8Array,
    input: StandardInput,
    compilerVersion: string,
    contractIdentifier: string,
  ): Promise<SourceError | undefined> {
    if (this.#closed) return new SourceError("too_many_requests", "the node is stopping");
    const at = contractIdentifier.lastIndexOf(":");
    const [file, name] = [contractIdentifier.slice(0, at), contractIdentifier.slice(at + 1)];
    try {
      const compiled = await compile({ input, compilerVersion, file, name });
      const match = matchCode(code, compiled.runtime);
      if (!match) return new SourceError("no_match", "the deployed code is not what these sources compile to");
      const verifiedAt = new Date().toISOString();
      this.#options.store.put(code, { ...compiled, match, contractIdentifier, stdJsonInput: input, verifiedAt });
      return undefined;
    } catch (error) {
      if (error instanceof SourceError) return error;
      this.#options.onFault(error);
      return new SourceError("internal_error", "the node could not do it: it is in its log");
    }
  }

  #remember(verification: Verification): void {
    this.#verifications.set(verification.id, verification);
    for (const id of this.#verifications.keys()) {
      if (this.#verifications.size <= MAX_KEPT_VERIFICATIONS) break;
      this.#verifications.delete(id);
    }
  }
}
