import { bytesToHex } from "@noble/hashes/utils.js";
import { type Header, hashHeader } from "../comet/header.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";
import { nobleCrypto } from "../noble-crypto.js";

/**
 * Verifies headers backwards, without a signature: each names the hash of the one before it. `headers` go down from the
 * one with the trusted hash, by one height each; then all of them are as trusted as the hash. Throws LightError `wrongBlockHash`.
 */
export function verifyAncestors(
  trustedHash: Uint8Array,
  headers: readonly Header[],
  crypto: Crypto = nobleCrypto,
): void {
  let commit = bytesToHex(trustedHash);
  for (const header of headers) {
    const hash = bytesToHex(hashHeader(header, crypto));
    if (hash !== commit) {
      const message = `the header of height ${header.height} is not the one that its successor names`;
      throw new LightError("wrongBlockHash", { header: hash, commit }, message);
    }
    commit = bytesToHex(header.lastBlockId.hash);
  }
}
