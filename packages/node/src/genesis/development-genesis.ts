import type { Address } from "@ruffchain/abi";
import { type AppGenesis, bytesToHex } from "@ruffchain/kernel";
import { type Genesis, MAX_EVIDENCE_BYTES } from "./genesis.js";
import { NANOSECONDS } from "./time.js";

export const DEVELOPMENT_CHAIN_ID = 7833;
/** Of each development account: a million whole tokens, in wei. */
export const DEVELOPMENT_BALANCE = 10n ** 24n;
/** Longer than light clients trust (14 days), shorter than the unbonding time (21 days) by more than an epoch. */
const EVIDENCE_SECONDS = 20 * 86_400;
/** At the default `--block-time`. CometBFT refuses evidence that is too old by blocks and by time. */
const BLOCKS_PER_SECOND = 2;

export interface DevelopmentGenesisOptions {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  /** The Ed25519 public key of the only validator. */
  readonly validator: Uint8Array;
  readonly accounts: readonly Address[];
  /** What differs from the defaults in `app_state`. */
  readonly app?: Partial<AppGenesis>;
}

/** A chain of one's own, with money on every account. The first account operates the validator, which stays the only one. */
export function developmentGenesis({ time, validator, accounts, app }: DevelopmentGenesisOptions): Genesis {
  const alloc = Object.fromEntries(accounts.map((address) => [address, String(DEVELOPMENT_BALANCE)]));
  const [operator] = accounts;
  const appGenesis: AppGenesis = {
    evmChainId: DEVELOPMENT_CHAIN_ID,
    alloc,
    parameters: { fixedValidators: "1" },
    ...(operator && { operators: { [bytesToHex(validator)]: operator } }),
    ...app,
  };
  return {
    time,
    chainId: `ruff-${appGenesis.evmChainId}`,
    initialHeight: 1,
    consensusParams: {
      block: { maxBytes: 22_020_096 },
      evidence: {
        maxAgeNumBlocks: EVIDENCE_SECONDS * BLOCKS_PER_SECOND,
        maxAgeDuration: BigInt(EVIDENCE_SECONDS) * NANOSECONDS,
        maxBytes: MAX_EVIDENCE_BYTES,
      },
      version: { app: 0 },
    },
    validators: [{ publicKey: { type: "ed25519", bytes: validator }, power: 10n, name: "development" }],
    appState: Buffer.from(JSON.stringify(appGenesis)),
  };
}
