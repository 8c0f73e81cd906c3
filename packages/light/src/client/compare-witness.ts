import { bytesToHex } from "@noble/hashes/utils.js";
import { hashHeader } from "../comet/header.js";
import type { LightBlock } from "../comet/light-block.js";
import type { Crypto } from "../crypto.js";
import { nobleCrypto } from "../noble-crypto.js";
import { type Followed, followChain } from "./follow-chain.js";
import type { VerifyOptions } from "./options.js";
import type { Provider } from "./provider.js";
import type { TrustedState } from "./trusted-state.js";

/**
 * Two ways from one trusted state to different blocks of one height, each with the blocks that were verified. One of them
 * is an attack: more than a third of a set of validators broke the rules, and their signatures here prove it.
 */
export interface ForkEvidence {
  readonly common: TrustedState;
  readonly ways: readonly [readonly LightBlock[], readonly LightBlock[]];
}

/**
 * Asks a second node for the block to which followChain went from `common`. Undefined if it has the same one; evidence if
 * it can prove another one. Throws the LightError of verification if it cannot: then the witness is wrong, not the block.
 */
export async function compareWitness(
  common: TrustedState,
  { block, verified }: Followed,
  witness: Provider,
  options: VerifyOptions,
  crypto: Crypto = nobleCrypto,
): Promise<ForkEvidence | undefined> {
  const { height } = block.header;
  const hash = bytesToHex(hashHeader(block.header, crypto));
  const { header } = await witness.signedHeader(height);
  if (bytesToHex(hashHeader(header, crypto)) === hash) return undefined;
  const other = await followChain(common, witness, { ...options, height }, crypto);
  return { common, ways: [verified, other.verified] };
}
