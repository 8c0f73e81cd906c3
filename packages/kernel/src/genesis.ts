import { type Address, addresses, type Hex } from "@ruffchain/abi";
import type { InitChainRequest } from "./abci.js";
import { type AccountWriter, writeAccount } from "./execution/account.js";
import { type Parameters, writeHead, writeParameters } from "./execution/parameters.js";

/** The application part of a genesis file (`app_state`). Amounts are decimal strings of wei. */
export interface AppGenesis {
  readonly evmChainId: number;
  readonly alloc: Readonly<Record<Address, string>>;
  readonly blockGasLimit?: number;
  readonly minBaseFee?: string;
  readonly initialBaseFee?: string;
  readonly maxBaseFee?: string;
  readonly feeCollector?: Address;
  readonly scheduledGasLimit?: number;
  /** Parameters of system contracts by name, as decimal strings; each contract knows its own. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Who operates the genesis validators, by their public keys (0x hex). */
  readonly operators?: Readonly<Record<Hex, Address>>;
}

/** A genesis file that cannot start a chain; `path` names the field. */
export class GenesisError extends Error {
  readonly code = "genesis";
  readonly path: string;
  constructor(path: string, problem: string) {
    super(`genesis: ${path} ${problem}`);
    this.path = path;
  }
}

export const DEFAULT_BLOCK_GAS_LIMIT = 300_000_000;
export const DEFAULT_BASE_FEE = 1_000_000_000n;
/** The highest `maxBaseFee`. */
export const UNLIMITED_BASE_FEE = 2n ** 256n - 1n;
export const DEFAULT_SCHEDULED_GAS_LIMIT = 100_000_000;
/** As CometBFT's own default. */
export const DEFAULT_MAX_BLOCK_BYTES = 22_020_096;
const MIN_BLOCK_GAS_LIMIT = 5_000_000;
const FIELDS = [
  "evmChainId",
  "alloc",
  "blockGasLimit",
  "minBaseFee",
  "initialBaseFee",
  "maxBaseFee",
  "feeCollector",
  "scheduledGasLimit",
  "parameters",
  "operators",
];

/** Parses and checks `app_state`. Throws GenesisError. */
export function parseAppGenesis(bytes: Uint8Array): AppGenesis {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    throw new GenesisError("app_state", "is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new GenesisError("app_state", "must be an object");
  }
  const genesis = value as Record<string, unknown>;
  for (const field of Object.keys(genesis)) {
    if (!FIELDS.includes(field))
      throw new GenesisError(`app_state.${field}`, `is unknown: fields are ${FIELDS.join(", ")}`);
  }
  checkInteger(genesis, "evmChainId", 1, Number.MAX_SAFE_INTEGER / 2 - 36, true);
  checkInteger(genesis, "blockGasLimit", MIN_BLOCK_GAS_LIMIT, 2 ** 47, false);
  checkInteger(genesis, "scheduledGasLimit", 0, 2 ** 47, false);
  for (const field of ["minBaseFee", "initialBaseFee", "maxBaseFee"])
    if (field in genesis) checkAmount(genesis[field], `app_state.${field}`);
  checkBaseFees(value as AppGenesis);
  if ("feeCollector" in genesis) checkAddress(genesis.feeCollector, "app_state.feeCollector");
  const { alloc, parameters = {}, operators = {} } = genesis;
  if (typeof alloc !== "object" || alloc === null)
    throw new GenesisError("app_state.alloc", "must map addresses to wei");
  for (const [address, amount] of Object.entries(alloc)) {
    checkAddress(address, `app_state.alloc["${address}"]`);
    checkAmount(amount, `app_state.alloc["${address}"]`);
  }
  if (typeof parameters !== "object" || parameters === null)
    throw new GenesisError("app_state.parameters", "must map names to decimal strings");
  for (const [name, amount] of Object.entries(parameters)) checkAmount(amount, `app_state.parameters.${name}`);
  if (typeof operators !== "object" || operators === null)
    throw new GenesisError("app_state.operators", "must map validators' public keys to addresses");
  for (const [key, operator] of Object.entries(operators)) {
    if (!/^0x[0-9a-f]{64}$/.test(key)) throw new GenesisError(`app_state.operators["${key}"]`, "is not a public key");
    checkAddress(operator, `app_state.operators["${key}"]`);
  }
  return value as AppGenesis;
}

function checkInteger(
  from: Record<string, unknown>,
  field: string,
  minimum: number,
  maximum: number,
  needed: boolean,
): void {
  const value = from[field];
  if (value === undefined && !needed) return;
  if (!Number.isSafeInteger(value) || (value as number) < minimum || (value as number) > maximum) {
    throw new GenesisError(`app_state.${field}`, `must be an integer from ${minimum} to ${maximum}`);
  }
}

function checkAmount(value: unknown, path: string): void {
  if (typeof value !== "string" || !/^\d{1,77}$/.test(value)) throw new GenesisError(path, "must be a decimal string");
}

function checkBaseFees(genesis: AppGenesis): void {
  const { minimum, initial, maximum } = baseFeesOf(genesis);
  if (minimum > maximum) throw new GenesisError("app_state.minBaseFee", "is above maxBaseFee");
  if (initial < minimum || initial > maximum) {
    throw new GenesisError("app_state.initialBaseFee", "is not from minBaseFee to maxBaseFee");
  }
}

function baseFeesOf({ minBaseFee, initialBaseFee, maxBaseFee }: AppGenesis) {
  const minimum = BigInt(minBaseFee ?? 0);
  const maximum = maxBaseFee === undefined ? UNLIMITED_BASE_FEE : BigInt(maxBaseFee);
  if (initialBaseFee !== undefined) return { minimum, initial: BigInt(initialBaseFee), maximum };
  const atLeast = DEFAULT_BASE_FEE < minimum ? minimum : DEFAULT_BASE_FEE;
  return { minimum, initial: atLeast > maximum ? maximum : atLeast, maximum };
}

function checkAddress(value: unknown, path: string): void {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(value))
    throw new GenesisError(path, "is not an address");
}

/** Writes the first state, as it is before the block of the initial height. */
export function writeGenesis(
  state: AccountWriter,
  genesis: AppGenesis,
  { initialHeight, time, consensusParams }: Pick<InitChainRequest, "initialHeight" | "time" | "consensusParams">,
): Parameters {
  const { minimum, initial, maximum } = baseFeesOf(genesis);
  const parameters: Parameters = {
    chainId: genesis.evmChainId,
    blockGasLimit: genesis.blockGasLimit ?? DEFAULT_BLOCK_GAS_LIMIT,
    minBaseFee: minimum,
    feeCollector: (genesis.feeCollector ?? addresses.staking).toLowerCase() as Address,
    scheduledGasLimit: genesis.scheduledGasLimit ?? DEFAULT_SCHEDULED_GAS_LIMIT,
    maxBlockBytes: consensusParams?.block.maxBytes ?? DEFAULT_MAX_BLOCK_BYTES,
    upgradeName: "",
    upgradeHeight: 0,
    maxBaseFee: maximum,
  };
  writeParameters(state, parameters);
  for (const [address, amount] of Object.entries(genesis.alloc)) {
    writeAccount(state, address.toLowerCase() as Address, { nonce: 0n, balance: BigInt(amount), codeHash: "0x" });
  }
  writeHead(state, {
    height: initialHeight - 1,
    time,
    baseFee: initial,
    gasUsed: 0,
    parentHash: `0x${"00".repeat(32)}`,
    burnt: 0n,
    contentHash: `0x${"00".repeat(32)}`,
  });
  return parameters;
}
