import type { Hex } from "@ruffchain/abi";
import type {
  Abi,
  AbiParametersToPrimitiveTypes,
  Address,
  ExtractAbiError,
  ExtractAbiErrorNames,
  ExtractAbiEvent,
  ExtractAbiEventNames,
  ExtractAbiFunction,
  ExtractAbiFunctionNames,
} from "abitype";
import type { ValidatorUpdate } from "../abci.js";
import type { Parameters } from "../execution/parameters.js";
import type { Revert } from "./revert.js";
import type { ReadTable, Table, Tables } from "./table.js";

type Inputs<F> = F extends { inputs: infer I extends readonly { type: string }[] }
  ? AbiParametersToPrimitiveTypes<I, "inputs">
  : never;
type Outputs<F> = F extends { outputs: infer O extends readonly { type: string }[] }
  ? O["length"] extends 0
    ? // biome-ignore lint/suspicious/noConfusingVoidType: it is the return type of handlers without outputs
      void
    : O["length"] extends 1
      ? AbiParametersToPrimitiveTypes<O, "outputs">[0]
      : AbiParametersToPrimitiveTypes<O, "outputs">
  : never;

export type FunctionNames<A extends Abi> = ExtractAbiFunctionNames<A>;
export type FunctionArgs<A extends Abi, N extends string> = Inputs<ExtractAbiFunction<A, N>>;
export type FunctionResult<A extends Abi, N extends string> = Outputs<ExtractAbiFunction<A, N>>;
type IsView<A extends Abi, N extends string> = ExtractAbiFunction<A, N>["stateMutability"] extends "view" | "pure"
  ? true
  : false;

/** Where a call goes: viem's contract shape, so that `ctx.call(rights, …)` and viem take the same object. */
export interface ContractReference<A extends Abi = Abi> {
  readonly address: Address;
  readonly abi: A;
}

/** Signature checks and hashes for contracts; each is charged by the gas schedule. */
export interface ContractCrypto {
  keccak256(data: Hex | Uint8Array): Hex;
  sha256(data: Hex | Uint8Array): Hex;
  /** COSE ESP256: r‖s over SHA-256(message), low-s; the key is x‖y. */
  verifyP256(message: Uint8Array, signature: Hex, publicKey: Hex): boolean;
  /**
   * The address that a signature of a hash speaks for: secp256k1, P-256 or WebAuthn (docs/transactions.md); undefined where it
   * is malformed or wrong. An access key's signature speaks for nobody here.
   */
  recoverSigner(hash: Hex, signature: Hex): Address | undefined;
  /** RFC 8032. */
  verifyEd25519(message: Uint8Array, signature: Hex, publicKey: Hex): boolean;
}

/** A key that acts for an account within limits. */
export interface AccessKey {
  readonly account: Address;
  readonly keyId: Address;
  readonly enforceLimits: boolean;
}

/** The chain itself, for contracts that have `chain` hooks; others get a TypeError. */
export interface Chain {
  parameters(): Parameters;
  /** From the next block on. */
  setParameters(changes: Partial<Omit<Parameters, "chainId">>): void;
  /** New wei on this contract's account. */
  mint(amount: bigint): void;
  /** Takes wei of this contract's account out of the world. */
  burn(amount: bigint): void;
}

/** What a view function may do. */
export interface ViewContext<A extends Abi, T extends Tables> {
  /** The address that runs: the contract's own, or the instance's. */
  readonly self: Address;
  readonly sender: Address;
  /** Seconds since 1970, from the block. */
  readonly time: bigint;
  readonly height: number;
  readonly chainId: number;
  readonly tables: { readonly [N in keyof T]: ReadTable<T[N]> };
  readonly crypto: ContractCrypto;
  readonly chain: Pick<Chain, "parameters">;
  /** The access key that has signed the transaction; absent where the account's own key has. */
  readonly accessKey: AccessKey | undefined;
  /** Native balance in wei. */
  balance(address: Address): bigint;
  /** `throw ctx.error("NotHolder", id)`: reverts the call with this error of the ABI. */
  error<N extends ExtractAbiErrorNames<A>>(name: N, ...args: Inputs<ExtractAbiError<A, N>>): Revert;
  /** Calls a view function of another contract. */
  read<B extends Abi, N extends ExtractAbiFunctionNames<B, "view" | "pure">>(
    target: ContractReference<B>,
    name: N,
    ...args: FunctionArgs<B, N>
  ): FunctionResult<B, N>;
}

/** What a writing function may do. */
export interface Context<A extends Abi, T extends Tables> extends ViewContext<A, T> {
  /** Native value sent with the call, in wei; already on this contract's account. */
  readonly value: bigint;
  readonly tables: { readonly [N in keyof T]: Table<T[N]> };
  readonly chain: Chain;
  emit<N extends ExtractAbiEventNames<A>>(name: N, ...args: Inputs<ExtractAbiEvent<A, N>>): void;
  /**
   * Calls another contract with this one as the sender. If it reverts, what it did is undone and its error passes
   * through; a caller that catches it goes on with only that call undone.
   */
  call<B extends Abi, N extends ExtractAbiFunctionNames<B>>(
    target: ContractReference<B>,
    name: N,
    ...args: FunctionArgs<B, N>
  ): FunctionResult<B, N>;
  /**
   * Counts an amount of this contract's token that the sender gives away, or lets others take, against the limit of the access
   * key that has signed for it. Reverts with the Keychain's SpendingLimitExceeded.
   */
  spend(amount: bigint): void;
  /** Sends native value from this contract's account. */
  send(to: Address, value: bigint): void;
  /**
   * Runs one of this contract's scheduled functions in the first block whose time is at least `at` (seconds), as this
   * contract. Returns the ticket that `unschedule` takes.
   */
  schedule<N extends ExtractAbiFunctionNames<A>>(at: bigint, name: N, ...args: FunctionArgs<A, N>): bigint;
  /** Returns false where the ticket has run already. */
  unschedule(ticket: bigint): boolean;
}

/** What the genesis file says, for contracts. */
export interface ChainGenesis {
  readonly initialHeight: number;
  readonly validators: readonly ValidatorUpdate[];
  readonly parameters: Readonly<Record<string, bigint>>;
  /** Operators by the validators' public keys. */
  readonly operators: Readonly<Record<Hex, Address>>;
}

/** What the engine says of the validators at the beginning of a block. Validators are named by consensus address. */
export interface ChainBlock {
  /** Whose vote the last commit lacks. */
  readonly absent: readonly Address[];
  readonly misbehavior: readonly { readonly validator: Address; readonly height: number }[];
}

/** A contract's part in running the chain. Neither is limited by gas: each bounds its own work. */
export interface ChainHooks<C> {
  /** Called when the chain begins. Throws GenesisError. */
  genesis?(ctx: C, genesis: ChainGenesis): void;
  /** Called before anything else of a block. What it logs belongs to the scheduler's transaction. If it throws, it has done nothing. */
  beginBlock?(ctx: C, block: ChainBlock): readonly ValidatorUpdate[];
}

type Handler<A extends Abi, T extends Tables, N extends string> = (
  ctx: IsView<A, N> extends true ? ViewContext<A, T> : Context<A, T>,
  ...args: FunctionArgs<A, N>
) => FunctionResult<A, N>;

export type Handlers<A extends Abi, T extends Tables, N extends string> = { readonly [P in N]: Handler<A, T, P> };

/**
 * A system contract. It stands at one address, or has many instances whose addresses share a prefix of 12 bytes
 * (every token is one). Each function of the ABI has its handler either in `functions` or in `scheduled`; the latter
 * are run by the scheduler only.
 */
export interface Contract<A extends Abi = Abi, T extends Tables = Tables> {
  readonly name: string;
  readonly address?: Address;
  readonly instances?: Hex;
  readonly abi: A;
  readonly tables: T;
  // biome-ignore lint/suspicious/noExplicitAny: handlers of all contracts are kept together; calls are typed by the ABI
  readonly functions: Readonly<Record<string, (ctx: any, ...args: any[]) => unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly scheduled: Readonly<Record<string, (ctx: any, ...args: any[]) => unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly chain?: ChainHooks<any>;
}

interface ContractOptions<A extends Abi, T extends Tables, S extends FunctionNames<A>> {
  readonly name: string;
  readonly abi: A;
  readonly tables: T;
  readonly functions: Handlers<A, T, Exclude<FunctionNames<A>, S>>;
  readonly scheduled?: Handlers<A, T, S>;
  readonly chain?: ChainHooks<Context<A, T>>;
}

/** Defines a system contract, typed from its ABI. Throws TypeError where a handler is missing or has no function. */
export function contract<const A extends Abi, const T extends Tables, S extends FunctionNames<A> = never>(
  options: ContractOptions<A, T, S> & ({ readonly address: Address } | { readonly instances: Hex }),
): Contract<A, T> {
  const { name, abi, tables, functions, scheduled = {}, chain } = options;
  const handled = [...Object.keys(functions), ...Object.keys(scheduled)].sort();
  const declared = abi.flatMap((item) => (item.type === "function" ? [item.name] : [])).sort();
  if (handled.join() !== declared.join()) {
    throw new TypeError(`${name}: the ABI declares [${declared.join()}], handlers exist for [${handled.join()}]`);
  }
  const place = "address" in options ? { address: options.address } : { instances: options.instances };
  return { name, ...place, abi, tables, functions, scheduled, ...(chain && { chain }) };
}
