import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "@ruffchain/abi";
import { bytesToHex, keccak256 } from "@ruffchain/kernel";
import type { Compiled, StandardInput } from "./compiler.js";
import { type Match, matchCode } from "./match.js";
import { splitCode } from "./metadata.js";

export interface VerifiedSource extends Compiled {
  readonly match: Match;
  /** As `contracts/Garage.sol:Garage`. */
  readonly contractIdentifier: string;
  readonly stdJsonInput: StandardInput;
  /** ISO 8601, by the clock of this node. */
  readonly verifiedAt: string;
}

/**
 * Verified sources in a folder, no part of the chain's state. What matches exactly goes by the hash of its metadata, so
 * each deployment of the same source has it at once; the rest by the hash of the code it was verified for.
 */
export class SourceStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The source of deployed code. Metadata in code proves nothing by itself: the code is compared again. */
  find(code: Uint8Array): VerifiedSource | undefined {
    for (const key of keysOf(code)) {
      const source = this.#read(key);
      const match = source && matchCode(code, source.runtime);
      if (match) return { ...source, match };
    }
    return undefined;
  }

  put(code: Uint8Array, source: VerifiedSource): void {
    const keys = keysOf(code);
    const key = (source.match === "exact_match" ? keys[0] : keys.at(-1)) as Hex;
    mkdirSync(this.#folder, { recursive: true });
    const path = this.#path(key);
    writeFileSync(`${path}.new`, JSON.stringify(source));
    renameSync(`${path}.new`, path);
  }

  #read(key: Hex): VerifiedSource | undefined {
    try {
      return JSON.parse(readFileSync(this.#path(key), "utf8")) as VerifiedSource;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  #path(key: Hex): string {
    return join(this.#folder, `${key}.json`);
  }
}

/** Metadata's hash, where the code has one, then the code's own. */
function keysOf(code: Uint8Array): readonly Hex[] {
  const { metadataHash } = splitCode(code);
  const codeHash = bytesToHex(keccak256(code));
  return metadataHash ? [metadataHash, codeHash] : [codeHash];
}
