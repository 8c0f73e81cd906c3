import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import {
  compareWitness,
  decodeTrustedState,
  encodeTrustedState,
  followChain,
  type Header,
  LightError,
  type Provider,
  type TrustedState,
  trustBlock,
  trustGenesis,
} from "@ruffchain/light";
import { type Genesis, genesisHash, loadGenesis } from "@ruffchain/node";
import { type Hex, hexToBytes } from "viem";
import { CliError } from "./cli-error.js";
import { forked } from "./forked.js";
import { providerAt } from "./provider-at.js";

/** A header that is older, unless told: a node that hides newer blocks could show any old state. */
export const MAX_HEADER_AGE_SECONDS = 60;
/** How long validators are trusted after their block: less than the 20 days after which their stake can still be slashed. */
export const TRUST_PERIOD_DAYS = 14;

/** What was checked, one line a step, for people. */
export type Steps = string[];

/** Where trust begins, and how far it goes. */
export interface Trust extends TrustLimits {
  /** The hash of what is trusted: of a genesis file or a block. */
  readonly root: Hex;
  begin(provider: Provider): Promise<TrustedState>;
}

export interface TrustLimits {
  readonly maxAgeSeconds: number;
  readonly trustPeriodDays: number;
  /** Other nodes that must not have another block. */
  readonly witnesses: readonly string[];
  /** Hands the evidence of a fork to the nodes on both sides of it. */
  readonly report: boolean;
  /** Where the newest trusted state is kept, in a file for each root; nowhere if undefined. */
  readonly folder: string | undefined;
}

const defaultLimits: TrustLimits = {
  maxAgeSeconds: MAX_HEADER_AGE_SECONDS,
  trustPeriodDays: TRUST_PERIOD_DAYS,
  witnesses: [],
  report: false,
  folder: undefined,
};

/** RUFF_TRUST, or a folder in the user's home. */
export function trustFolder(): string {
  return process.env.RUFF_TRUST ?? join(homedir(), ".ruff", "trust");
}

/** What a genesis file lets one trust: its validators. */
export function genesisState(genesis: Genesis): TrustedState {
  const validators = genesis.validators.map(({ publicKey, power }) => ({ publicKey: publicKey.bytes, power }));
  return trustGenesis({ ...genesis, validators });
}

/** Trusts the validators of a genesis file. */
export function trustInGenesis(genesisFile: string, limits = defaultLimits): Trust {
  const genesis = loadGenesis(genesisFile);
  const state = genesisState(genesis);
  return { ...limits, root: genesisHash(genesis), begin: async () => state };
}

/** Trusts the block that has this height and this hash. */
export function trustInBlock(height: number, hash: Hex, limits: TrustLimits): Trust {
  const begin = async (provider: Provider) => {
    const { header } = await provider.signedHeader(height);
    return trustBlock(hexToBytes(hash), header, await provider.validators(height + 1));
  };
  return { ...limits, root: hash, begin };
}

/**
 * The newest header of a node that is not trusted, verified as a light client does: from what is trusted, over the changes
 * of validators, to a header that is young enough. Throws LightError and CliError.
 */
export async function trustedHeader(rpc: string, trust: Trust, steps: Steps): Promise<Header> {
  const provider = providerAt(rpc);
  const file = trust.folder === undefined ? undefined : join(trust.folder, `${trust.root.slice(2, 18)}.state`);
  const before = readState(file) ?? (await trust.begin(provider));
  const options = {
    now: BigInt(Date.now()) * 1_000_000n,
    trustPeriod: BigInt(trust.trustPeriodDays) * 86_400_000_000_000n,
    maxHeaderAge: BigInt(trust.maxAgeSeconds) * 1_000_000_000n,
  };
  const followed = await followChain(before, provider, options);
  const { state, verified } = followed;
  const { header } = followed.block;
  if (verified.length > 1) {
    steps.push(`its validators follow from those of height ${before.height} over ${verified.length} blocks`);
  }
  steps.push(`header ${header.height} of ${state.chainId} is signed by more than two thirds of the trusted validators`);
  steps.push(`it is ${(options.now > header.time ? options.now - header.time : 0n) / 1_000_000_000n} s old`);
  for (const witness of trust.witnesses) {
    const fork = await compareWitness(before, followed, providerAt(witness), options).catch((error: unknown) => {
      throw explained(error, witness);
    });
    if (fork) throw await forked(fork, [rpc, witness], trust);
    steps.push(`${witness} has the same header`);
  }
  writeState(file, state);
  return header;
}

/** What makes a LightError clear to a person: who did not prove what, and what to do where nobody lies. */
export function explained(error: unknown, rpc: string): unknown {
  if (!(error instanceof LightError)) return error;
  const { code, message } = error as LightError;
  if (code === "trustExpired") return new CliError(`${message}: --trust <height>:<hash>`);
  if (code === "headerStale") {
    const { now, headerTime } = (error as LightError<"headerStale">).details;
    return new CliError(`${message}, or allow it with --max-age ${(now - headerTime) / 1_000_000_000n + 1n}`);
  }
  if (code === "headerFromFuture" || code === "invalidOption") return error;
  return new CliError(`${rpc} does not prove what it says: ${message} (${code})`);
}

function readState(file: string | undefined): TrustedState | undefined {
  if (file === undefined || !existsSync(file)) return undefined;
  try {
    return decodeTrustedState(readFileSync(file));
  } catch (error) {
    if (!(error instanceof LightError)) throw error;
    throw new CliError(`${file} is not what ruff wrote there: delete it to begin anew`);
  }
}

/** In one step: a power cut leaves the old state or the new one. */
function writeState(file: string | undefined, state: TrustedState): void {
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const written = `${file}.${process.pid}`;
  writeFileSync(written, encodeTrustedState(state), { mode: 0o600 });
  renameSync(written, file);
}
