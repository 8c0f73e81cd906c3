import { chainParameter } from "@ruffchain/abi";
import { type Parameters, UNLIMITED_BASE_FEE } from "@ruffchain/kernel";

export type ParameterName = keyof typeof chainParameter;

/** Rates: one whole. */
export const RATE_ONE = 100_000_000n;
export const DAY = 86_400n;
export const YEAR = 365n * DAY;
/** Highest value of `maxValidators`: what is done for each member of the set stays bounded. */
export const MAX_VALIDATORS = 200n;
/** Lowest value of `maxBlockBytes`: evidence of the genesis file's size must still have room in a block. */
export const LOWEST_MAX_BLOCK_BYTES = 1_048_576n;
export const DEFAULT_UNBONDING_TIME = 21n * DAY;

interface Bounds {
  readonly lowest: bigint;
  readonly highest: bigint;
}

interface OwnParameter extends Bounds {
  /** Where the genesis file may have less than a vote: chains of one's own try in minutes what takes days. */
  readonly lowestAtGenesis?: bigint;
  /** Where neither the genesis file nor a vote said otherwise. */
  readonly initial: bigint;
}

interface KernelParameter extends Bounds {
  readonly get: (parameters: Parameters) => bigint;
  readonly set: (value: bigint) => Partial<Omit<Parameters, "chainId">>;
}

const TOKEN = 10n ** 18n;

/** Kept by the kernel; the genesis file may have values outside of the bounds. Gas limits rise to ten times the default. */
const kernelParameters = {
  blockGasLimit: {
    lowest: 5_000_000n,
    highest: 3_000_000_000n,
    get: ({ blockGasLimit }) => BigInt(blockGasLimit),
    set: (value) => ({ blockGasLimit: Number(value) }),
  },
  minBaseFee: {
    lowest: 0n,
    highest: 10n ** 12n,
    get: ({ minBaseFee }) => minBaseFee,
    set: (value) => ({ minBaseFee: value }),
  },
  maxBaseFee: {
    lowest: 0n,
    highest: UNLIMITED_BASE_FEE,
    get: ({ maxBaseFee }) => maxBaseFee,
    set: (value) => ({ maxBaseFee: value }),
  },
  scheduledGasLimit: {
    lowest: 5_000_000n,
    highest: 1_000_000_000n,
    get: ({ scheduledGasLimit }) => BigInt(scheduledGasLimit),
    set: (value) => ({ scheduledGasLimit: Number(value) }),
  },
  feeCollector: {
    lowest: 0n,
    highest: 2n ** 160n - 1n,
    get: ({ feeCollector }) => BigInt(feeCollector),
    set: (value) => ({ feeCollector: `0x${value.toString(16).padStart(40, "0")}` }),
  },
  maxBlockBytes: {
    lowest: LOWEST_MAX_BLOCK_BYTES,
    highest: 104_857_600n,
    get: ({ maxBlockBytes }) => BigInt(maxBlockBytes),
    set: (value) => ({ maxBlockBytes: Number(value) }),
  },
} satisfies Partial<Record<ParameterName, KernelParameter>>;

/** Kept by Governance. The bounds leave a way back: what one vote sets, another can be held and passed to change. */
const ownParameters = {
  fixedValidators: { lowest: 0n, highest: 1n, initial: 0n },
  maxValidators: { lowest: 1n, highest: MAX_VALIDATORS, initial: 100n },
  epochBlocks: { lowest: 1n, highest: 1_000_000n, initial: 600n },
  unbondingTime: { lowest: DAY, lowestAtGenesis: 60n, highest: YEAR, initial: DEFAULT_UNBONDING_TIME },
  minSelfStake: { lowest: TOKEN, highest: 1_000_000_000n * TOKEN, initial: TOKEN },
  issuanceRate: { lowest: 0n, highest: RATE_ONE / 5n, initial: RATE_ONE / 20n },
  signedWindow: { lowest: 10n, highest: 1_000_000n, initial: 1_000n },
  maxMissed: { lowest: 1n, highest: 999_999n, initial: 500n },
  downtimeJail: { lowest: 0n, highest: YEAR, initial: 600n },
  downtimeSlash: { lowest: 0n, highest: RATE_ONE / 10n, initial: RATE_ONE / 10_000n },
  doubleSignSlash: { lowest: 0n, highest: RATE_ONE / 2n, initial: RATE_ONE / 20n },
  votingPeriod: { lowest: 60n, highest: 60n * DAY, initial: 5n * DAY },
  minDeposit: { lowest: 0n, highest: 1_000_000n * TOKEN, initial: 100n * TOKEN },
  quorum: { lowest: RATE_ONE / 100n, highest: 67_000_000n, initial: 33_400_000n },
  threshold: { lowest: RATE_ONE / 2n, highest: 80_000_000n, initial: RATE_ONE / 2n },
  veto: { lowest: RATE_ONE / 10n, highest: RATE_ONE, initial: 33_400_000n },
} satisfies Partial<Record<ParameterName, OwnParameter>>;

export type ParameterDefinition = { readonly name: ParameterName; readonly number: number } & (
  | (KernelParameter & { readonly keptBy: "kernel" })
  | (OwnParameter & { readonly keptBy: "governance" })
);

function define(name: ParameterName, number: number): ParameterDefinition {
  if (name in kernelParameters) {
    return { name, number, keptBy: "kernel", ...kernelParameters[name as keyof typeof kernelParameters] };
  }
  return { name, number, keptBy: "governance", ...ownParameters[name as keyof typeof ownParameters] };
}

/** All parameters by their numbers. */
export const parameterDefinitions: readonly ParameterDefinition[] = (
  Object.entries(chainParameter) as [ParameterName, number][]
).map(([name, number]) => define(name, number));

/** Two parameters that cannot have these values together. */
export function disagreement(valueAt: (number: number) => bigint): readonly [number, number] | undefined {
  const { maxMissed, signedWindow, minBaseFee, maxBaseFee } = chainParameter;
  if (valueAt(maxMissed) >= valueAt(signedWindow)) return [maxMissed, signedWindow];
  return valueAt(minBaseFee) <= valueAt(maxBaseFee) ? undefined : [minBaseFee, maxBaseFee];
}
