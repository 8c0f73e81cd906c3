import type { Address } from "@ruffchain/abi";
import { recordCodec } from "../contract/layout.js";
import { headKey, parametersKey } from "../state/keys.js";
import type { StateReader } from "../state/reader.js";
import type { AccountWriter } from "./account.js";

/** What the chain as a whole is set to. Part of the state, so all nodes agree. */
export interface Parameters {
  /** EIP-155 chain id. */
  readonly chainId: number;
  readonly blockGasLimit: number;
  /** Wei per gas: the base fee does not fall below. */
  readonly minBaseFee: bigint;
  /** Who receives the tips. The base fee is burnt. */
  readonly feeCollector: Address;
  /** Gas that scheduled calls may use in one block; the rest waits for the next. */
  readonly scheduledGasLimit: number;
  /** Bytes of transactions in a block, as the engine limits them. */
  readonly maxBlockBytes: number;
  /** The newest upgrade that was decided, "" without one: nodes that do not know it stop before its height. */
  readonly upgradeName: string;
  readonly upgradeHeight: number;
  /** Wei per gas: the base fee does not rise above; 0 is a network without fees. */
  readonly maxBaseFee: bigint;
}

/** Where the chain stands after a block. */
export interface Head {
  readonly height: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly baseFee: bigint;
  readonly gasUsed: number;
  /** Ethereum hash of the block before. */
  readonly parentHash: `0x${string}`;
  /** Wei burnt since genesis. */
  readonly burnt: bigint;
  /**
   * hashHeader of the block's header with a state root of zeros; zeros for genesis. So the state root, which this record
   * is under, fixes the whole header: a node that joins with the state alone knows the hash of its newest block.
   */
  readonly contentHash: `0x${string}`;
}

const parametersCodec = recordCodec({
  chainId: "uint48",
  blockGasLimit: "uint48",
  minBaseFee: "uint256",
  feeCollector: "address",
  scheduledGasLimit: "uint48",
  maxBlockBytes: "uint48",
  upgradeName: "string",
  upgradeHeight: "uint48",
  maxBaseFee: "uint256",
});

const headCodec = recordCodec({
  height: "uint48",
  time: "uint64",
  baseFee: "uint256",
  gasUsed: "uint48",
  parentHash: "bytes32",
  burnt: "uint256",
  contentHash: "bytes32",
});

/** Every transaction asks for these two records, and the state gives the same array until they change. */
const decodedParameters = new WeakMap<Uint8Array, Parameters>();
const decodedHeads = new WeakMap<Uint8Array, Head>();

export function readParameters(state: StateReader): Parameters {
  return remembered(decodedParameters, required(state, parametersKey), parametersCodec.decode);
}

export function writeParameters(state: AccountWriter, parameters: Parameters): void {
  state.set(parametersKey, parametersCodec.encode({ ...parameters }));
}

export function readHead(state: StateReader): Head {
  return remembered(decodedHeads, required(state, headKey), decodeHead);
}

/** The record under headKey. Throws RangeError. */
export function decodeHead(record: Uint8Array): Head {
  return headCodec.decode(record);
}

export function writeHead(state: AccountWriter, head: Head): void {
  state.set(headKey, headCodec.encode({ ...head }));
}

function remembered<T>(known: WeakMap<Uint8Array, T>, record: Uint8Array, decode: (record: Uint8Array) => T): T {
  const found = known.get(record);
  if (found !== undefined) return found;
  const decoded = decode(record);
  known.set(record, decoded);
  return decoded;
}

function required(state: StateReader, key: string): Uint8Array {
  const bytes = state.get(key);
  if (bytes === undefined) throw new Error("the chain has no genesis yet: call initChain first");
  return bytes;
}
