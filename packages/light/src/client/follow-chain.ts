import { bytesToHex } from "@noble/hashes/utils.js";
import type { Header } from "../comet/header.js";
import type { LightBlock, SignedHeader } from "../comet/light-block.js";
import { hashValidators, type Validator } from "../comet/validator.js";
import { checkChain } from "../comet/verify-commit.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";
import { nobleCrypto } from "../noble-crypto.js";
import { checkValidators } from "./check-validators.js";
import { checkedOptions, invalidOption, type VerifyOptions } from "./options.js";
import type { Provider } from "./provider.js";
import type { TrustedState } from "./trusted-state.js";
import { verifyLightBlock, verifyTrustedBlock } from "./verify-light-block.js";

/** Most blocks that are fetched to reach one: ten thousand changes of validators go in some ten calls. */
export const MAX_BISECTION_STEPS = 1000;

export interface FollowOptions extends VerifyOptions {
  /** The height to reach; the newest if left out. */
  readonly height?: number;
  /** Verify every block on the way instead of skipping. */
  readonly sequential?: boolean;
  /** How old the block that is reached may be, in nanoseconds; any age if left out. */
  readonly maxHeaderAge?: bigint;
}

export interface Followed {
  /** To persist, and to go on from. */
  readonly state: TrustedState;
  /** The block that was reached. */
  readonly block: LightBlock;
  /** The blocks that were verified, in order; none if the one that was reached was trusted already. */
  readonly verified: readonly LightBlock[];
}

/**
 * Goes from a trusted state to a later block, by as few blocks as the changes of validators allow: where too little of
 * the trusted power signed, the block half way is verified first. Throws LightError with one of the codes of ClientFailures or
 * CommitFailures, `malformed`, and what the provider throws.
 */
export async function followChain(
  trusted: TrustedState,
  provider: Provider,
  options: FollowOptions,
  crypto: Crypto = nobleCrypto,
): Promise<Followed> {
  const checked = checkedOptions(options);
  const signed = await signedHeaderAt(provider, options.height ?? "latest");
  const { header } = signed;
  checkChain(trusted.chainId, header);
  checkAge(header, options);
  const sets = new ValidatorSets(provider, trusted.nextValidators, crypto);
  const newest = await sets.complete(signed);
  if (header.height === trusted.height) {
    verifyTrustedBlock(trusted, newest, checked, crypto);
    return { state: trusted, block: newest, verified: [] };
  }
  const pending = [newest];
  const verified: LightBlock[] = [];
  let state = trusted;
  for (let steps = 1; ; ) {
    const block = pending.at(-1);
    if (block === undefined) return { state, block: newest, verified };
    const { height } = block.header;
    const isFar = height > state.height + 1;
    const next = options.sequential && isFar ? undefined : tryStep(state, block, checked, crypto);
    if (next) {
      state = next;
      verified.push(block);
      pending.pop();
      continue;
    }
    if (++steps > MAX_BISECTION_STEPS) {
      const details = { limit: MAX_BISECTION_STEPS, reached: state.height, height: header.height };
      const message = `${MAX_BISECTION_STEPS} blocks lead only to height ${state.height}: go to a nearer height first`;
      throw new LightError("tooManySteps", details, message);
    }
    const between = options.sequential ? state.height + 1 : Math.floor((state.height + height) / 2);
    pending.push(await sets.complete(await signedHeaderAt(provider, between)));
  }
}

/** Undefined where a block between must come first. */
function tryStep(
  state: TrustedState,
  block: LightBlock,
  options: VerifyOptions,
  crypto: Crypto,
): TrustedState | undefined {
  try {
    return verifyLightBlock(state, block, options, crypto);
  } catch (error) {
    if (error instanceof LightError && error.code === "insufficientTrust") return undefined;
    throw error;
  }
}

/** Throws LightError `wrongHeight` where the provider gives another block than was asked for. */
async function signedHeaderAt(provider: Provider, height: number | "latest"): Promise<SignedHeader> {
  const signed = await provider.signedHeader(height);
  if (height !== "latest" && signed.header.height !== height) {
    const details = { expected: height, actual: signed.header.height };
    throw new LightError("wrongHeight", details, `asked for height ${height}, the node gave ${signed.header.height}`);
  }
  return signed;
}

function checkAge({ height, time: headerTime }: Header, { now, maxHeaderAge }: FollowOptions): void {
  if (maxHeaderAge === undefined) return;
  if (!(maxHeaderAge >= 0n)) throw invalidOption("maxHeaderAge", `must be 0 ns or more, not ${maxHeaderAge}`);
  if (headerTime + maxHeaderAge >= now) return;
  const [age, limit] = [now - headerTime, maxHeaderAge].map((time) => time / 1_000_000_000n);
  throw new LightError(
    "headerStale",
    { headerTime, now, maxHeaderAge },
    `header ${height} is ${age} s old, more than ${limit} s: the node hides newer ones, or the chain stands still; ask another node`,
  );
}

/** The sets of validators by their hash: a set that did not change is not fetched again. */
export class ValidatorSets {
  readonly #provider: Provider;
  readonly #crypto: Crypto;
  readonly #known: Map<string, readonly Validator[]>;

  constructor(provider: Provider, trusted: readonly Validator[], crypto: Crypto) {
    this.#provider = provider;
    this.#crypto = crypto;
    this.#known = new Map([[bytesToHex(hashValidators(trusted, crypto)), trusted]]);
  }

  /** Adds to a header the validators that it names. They are checked where the block is verified. */
  async complete({ header, commit }: SignedHeader): Promise<LightBlock> {
    const validators = await this.#named(header.validatorsHash, header.height);
    const nextValidators = await this.#named(header.nextValidatorsHash, header.height + 1);
    return { header, commit, validators, nextValidators };
  }

  async #named(hash: Uint8Array, height: number): Promise<readonly Validator[]> {
    const name = bytesToHex(hash);
    const known = this.#known.get(name);
    if (known) return known;
    const validators = await this.#provider.validators(height);
    checkValidators(validators);
    if (bytesToHex(hashValidators(validators, this.#crypto)) === name) this.#known.set(name, validators);
    return validators;
  }
}
