import { bytesToHex } from "@noble/hashes/utils.js";
import { absentCommitSig, blockIdFlag, type Commit, commitVote } from "../comet/commit.js";
import { type Header, hashHeader } from "../comet/header.js";
import type { LightBlock, SignedHeader } from "../comet/light-block.js";
import { compareValidators, type Validator, validatorAddress } from "../comet/validator.js";
import { voteSignBytes } from "../comet/vote.js";
import type { Crypto } from "../crypto.js";
import { nobleCrypto } from "../noble-crypto.js";
import type { Provider } from "./provider.js";
import type { TrustedState } from "./trusted-state.js";

/** A block that validators signed beside the chain: what CometBFT slashes as an attack on light clients. */
export interface LightClientAttack {
  /** A block of the chain, and who of its validators signed the conflicting block can be slashed. */
  readonly common: { readonly header: Header; readonly validators: readonly Validator[] };
  readonly conflicting: LightBlock;
  /** Of `common.validators`, largest power first; none where who broke the rules does not follow from the two commits. */
  readonly byzantine: readonly Validator[];
}

/**
 * What a fork is to a node on one side of it: the first block on the other side's way that it does not have, as its own
 * CometBFT checks it. Undefined if it has them all. The node must have the block after, too: only then does it keep
 * a commit for good. Nothing that it says is verified, because it is the one to be convinced.
 */
export async function lightClientAttack(
  trusted: TrustedState,
  way: readonly LightBlock[],
  node: Provider,
  crypto: Crypto = nobleCrypto,
): Promise<LightClientAttack | undefined> {
  let shared = trusted.height;
  for (const conflicting of way) {
    const { height } = conflicting.header;
    const own = await node.signedHeader(height);
    if (bytesToHex(hashHeader(own.header, crypto)) !== bytesToHex(hashHeader(conflicting.header, crypto))) {
      const at = commonHeight(shared, own.header, conflicting.header);
      const { header } = at === height ? own : await node.signedHeader(at);
      const common = { header, validators: await node.validators(at) };
      const proven = { ...conflicting, commit: validVotes(conflicting, crypto) };
      return { common, conflicting: proven, byzantine: byzantineValidators(common.validators, own, proven, crypto) };
    }
    shared = height;
  }
  return undefined;
}

/**
 * Where the conflicting header could follow from the chain (its validators voted twice), its own height. Else the height
 * of those whom light clients trusted to go there: after the last shared block, or that one if nothing is between.
 */
function commonHeight(shared: number, own: Header, conflicting: Header): number {
  if (couldFollow(own, conflicting)) return conflicting.height;
  return Math.max(conflicting.height > shared + 1 ? shared + 1 : shared, 1);
}

function couldFollow(own: Header, conflicting: Header): boolean {
  const fields = ["validatorsHash", "nextValidatorsHash", "consensusHash", "appHash", "lastResultsHash"] as const;
  return fields.every((field) => bytesToHex(own[field]) === bytesToHex(conflicting[field]));
}

/** CometBFT takes no evidence with a signature that is wrong: an attacker could add one, so only the good ones are kept. */
function validVotes({ header, commit, validators }: LightBlock, crypto: Crypto): Commit {
  const signatures = commit.signatures.map((slot, index) => {
    const { publicKey = new Uint8Array() } = validators[index] ?? {};
    const isVote =
      slot.flag === blockIdFlag.commit &&
      bytesToHex(slot.validatorAddress) === bytesToHex(validatorAddress(publicKey, crypto)) &&
      crypto.verifyEd25519(publicKey, voteSignBytes(header.chainId, commitVote(commit, slot)), slot.signature);
    return isVote ? slot : absentCommitSig;
  });
  return { ...commit, signatures };
}

/** As CometBFT's GetByzantineValidators: it takes no evidence that names others. */
function byzantineValidators(
  common: readonly Validator[],
  own: SignedHeader,
  { header, commit }: LightBlock,
  crypto: Crypto,
): readonly Validator[] {
  const isTwofold = couldFollow(own.header, header);
  if (isTwofold && own.commit.round !== commit.round) return [];
  const signers = commit.signatures.filter(
    ({ flag }, index) =>
      flag === blockIdFlag.commit && (!isTwofold || own.commit.signatures[index]?.flag === blockIdFlag.commit),
  );
  const addresses = new Set(signers.map((slot) => bytesToHex(slot.validatorAddress)));
  return common
    .filter(({ publicKey }) => addresses.has(bytesToHex(validatorAddress(publicKey, crypto))))
    .toSorted((a, b) => compareValidators(a, b, crypto));
}
