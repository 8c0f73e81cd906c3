import type { Address, Hex } from "@ruffchain/abi";
import type { AbiEvent, AbiFunction, AbiParameter } from "abitype";
import { type ParameterCodec, parameterCodec } from "../abi/codec.js";
import { canonicalSignature } from "../abi/signature.js";
import { keccak256 } from "../crypto/keccak256.js";
import { bytesToHex, hexToBytes } from "../hex.js";
import { type CompiledTable, compileTable } from "./bound-table.js";
import type { ChainHooks, Contract } from "./contract.js";

export interface CompiledFunction {
  readonly name: string;
  readonly selector: number;
  readonly selectorBytes: Uint8Array;
  readonly readOnly: boolean;
  readonly payable: boolean;
  readonly scheduled: boolean;
  readonly handler: (ctx: unknown, ...args: unknown[]) => unknown;
  readonly decodeArgs: (data: Uint8Array) => unknown[];
  readonly encodeArgs: (args: readonly unknown[]) => Uint8Array;
  readonly encodeResult: (result: unknown) => Uint8Array;
}

export interface CompiledEvent {
  encode(args: readonly unknown[]): { topics: Hex[]; data: Uint8Array };
}

export interface CompiledContract {
  readonly name: string;
  readonly address?: Address;
  readonly instances?: Hex;
  readonly chain?: ChainHooks<unknown>;
  readonly functions: ReadonlyMap<string, CompiledFunction>;
  readonly bySelector: ReadonlyMap<number, CompiledFunction>;
  readonly tables: readonly (readonly [name: string, table: CompiledTable])[];
  readonly events: ReadonlyMap<string, CompiledEvent>;
  /** ABI-encoded error with its selector. */
  encodeError(name: string, args: readonly unknown[]): Uint8Array;
}

/** keccak256 of a text, as selectors and topics need it. */
function hashText(text: string): Uint8Array {
  return keccak256(Buffer.from(text, "utf8"));
}

/** Prepares a contract for execution: selectors, codecs, tables. */
export function compileContract(contract: Contract): CompiledContract {
  const functions = new Map<string, CompiledFunction>();
  const events = new Map<string, CompiledEvent>();
  const errors = new Map<string, { selector: Uint8Array; codec: ParameterCodec }>();
  for (const item of contract.abi) {
    if (item.type === "function") functions.set(item.name, compileFunction(contract, item));
    if (item.type === "event") events.set(item.name, compileEvent(item));
    if (item.type === "error") {
      const selector = hashText(canonicalSignature(item.name, item.inputs)).slice(0, 4);
      errors.set(item.name, { selector, codec: parameterCodec(item.inputs) });
    }
  }
  return {
    name: contract.name,
    ...(contract.address && { address: contract.address }),
    ...(contract.instances && { instances: contract.instances }),
    ...(contract.chain && { chain: contract.chain }),
    functions,
    bySelector: new Map([...functions.values()].map((fn) => [fn.selector, fn])),
    tables: Object.entries(contract.tables).map(
      ([name, table], number) => [name, compileTable(table, number)] as const,
    ),
    events,
    encodeError: (name, args) => {
      const error = errors.get(name);
      if (!error) throw new TypeError(`${contract.name} has no error ${name}`);
      return error.codec.encode(args, error.selector);
    },
  };
}

function compileFunction(contract: Contract, item: AbiFunction): CompiledFunction {
  const selectorBytes = hashText(canonicalSignature(item.name, item.inputs)).slice(0, 4);
  const inputs = parameterCodec(item.inputs);
  const outputs = parameterCodec(item.outputs);
  const scheduled = item.name in contract.scheduled;
  const handler = (scheduled ? contract.scheduled : contract.functions)[item.name];
  if (!handler) throw new TypeError(`${contract.name}.${item.name} has no handler`);
  return {
    name: item.name,
    selector: Buffer.from(selectorBytes).readUInt32BE(0),
    selectorBytes,
    readOnly: item.stateMutability === "view" || item.stateMutability === "pure",
    payable: item.stateMutability === "payable",
    scheduled,
    handler,
    decodeArgs: (data) => inputs.decode(data, 4),
    encodeArgs: (args) => inputs.encode(args, selectorBytes),
    encodeResult:
      item.outputs.length > 1
        ? (result) => outputs.encode(result as unknown[])
        : (result) => (item.outputs.length === 0 ? outputs.encode([]) : outputs.encode([result])),
  };
}

function compileEvent(item: AbiEvent): CompiledEvent {
  const indexed = item.inputs.flatMap((input, i) => (input.indexed ? [[i, topicEncoder(input)] as const] : []));
  const plainAt = item.inputs.flatMap((input, i) => (input.indexed ? [] : [i]));
  const plain = parameterCodec(plainAt.map((i) => item.inputs[i] as AbiParameter));
  const signatureTopic = bytesToHex(hashText(canonicalSignature(item.name, item.inputs)));
  return {
    encode: (args) => ({
      topics: [signatureTopic, ...indexed.map(([i, encode]) => encode(args[i]))],
      data: plain.encode(plainAt.map((i) => args[i])),
    }),
  };
}

/** An indexed `bytes` or `string` becomes its hash; value types are the word itself. */
function topicEncoder(input: AbiParameter): (value: unknown) => Hex {
  if (input.type === "string") return (value) => bytesToHex(hashText(value as string));
  if (input.type === "bytes") return (value) => bytesToHex(keccak256(hexToBytes(value as Hex)));
  if (input.type.startsWith("tuple") || input.type.endsWith("]")) {
    throw new TypeError(`indexed event parameters of type ${input.type} are not supported`);
  }
  const codec = parameterCodec([input]);
  return (value) => bytesToHex(codec.encode([value]));
}
