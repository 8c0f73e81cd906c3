import { bytesToHex } from "@noble/hashes/utils.js";
import { hashHeader } from "../comet/header.js";
import type { SignedHeader } from "../comet/light-block.js";
import type { Crypto } from "../crypto.js";
import { nobleCrypto } from "../noble-crypto.js";
import { followChain } from "./follow-chain.js";
import type { VerifyOptions } from "./options.js";
import type { Provider } from "./provider.js";
import type { TrustedState } from "./trusted-state.js";

/**
 * Two blocks of one height that both verify from one trusted state. One of them is an attack: more than a third of a set of
 * validators broke the rules, and their signatures here prove it.
 */
export interface ForkEvidence {
  readonly common: TrustedState;
  readonly blocks: readonly [SignedHeader, SignedHeader];
}

/**
 * Asks a second node for a block that was verified from `common`. Undefined if it has the same one; evidence if it can
 * prove another one. Throws the LightError of verification if it cannot: then the witness is wrong, not the block.
 */
export async function compareWitness(
  common: TrustedState,
  block: SignedHeader,
  witness: Provider,
  options: VerifyOptions,
  crypto: Crypto = nobleCrypto,
): Promise<ForkEvidence | undefined> {
  const { height } = block.header;
  const hash = bytesToHex(hashHeader(block.header, crypto));
  const other = await witness.signedHeader(height);
  if (bytesToHex(hashHeader(other.header, crypto)) === hash) return undefined;
  const { block: proven } = await followChain(common, witness, { ...options, height }, crypto);
  return { common, blocks: [block, proven] };
}
