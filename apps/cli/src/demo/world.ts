import {
  type Abi,
  type Account,
  type Address,
  BaseError,
  type Chain,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  ContractFunctionRevertedError,
  createWalletClient,
  type Hex,
  http,
  isHex,
  type PublicClient,
  parseEventLogs,
} from "viem";
import { developmentAccount } from "../account.js";
import { CliError } from "../cli-error.js";
import { connect } from "../connection.js";
import { note } from "../output.js";
import { Ledger } from "./ledger.js";

export interface Reference<A extends Abi> {
  readonly address: Address;
  readonly abi: A;
}

/** The people and firms of the story, each with a key of a development chain. */
export const cast = {
  bank: "Bank, issuer of the currency",
  firm: "Swift Cars, the fleet's firm",
  anna: "Anna, renter",
  ben: "Ben, renter",
  mallory: "Mallory, a stranger",
  senior: "Pension fund, senior investor",
  junior: "Hedge fund, junior investor",
  garage: "Garage, supplier of the firm",
  parts: "Parts maker, the garage's supplier",
  funder: "Factor, funder of receivables",
} as const;
export type Person = keyof typeof cast;

const people = Object.keys(cast) as Person[];

/** Where the story is told: the chain, the people, their ledger, and what happened. */
export class World {
  readonly rpc: string;
  readonly client: PublicClient;
  readonly ledger = new Ledger();
  readonly events: { readonly chapter: string; readonly what: string }[] = [];
  #chapter = "";

  private constructor(rpc: string, client: PublicClient) {
    this.rpc = rpc;
    this.client = client;
  }

  static async open(rpc: string): Promise<World> {
    return new World(rpc, await connect(rpc));
  }

  account(person: Person): Account {
    return developmentAccount(people.indexOf(person));
  }

  address(person: Person): Address {
    return this.account(person).address;
  }

  chapter(title: string): void {
    this.#chapter = title;
    note(`\n${title}`);
  }

  tell(what: string): void {
    this.events.push({ chapter: this.#chapter, what });
    note(`  ${what}`);
  }

  /** Sends a transaction and waits until it is final. Returns the events of its contract. Throws if it reverts. */
  async send<const A extends Abi, N extends ContractFunctionName<A, "nonpayable" | "payable">>(
    person: Person,
    { address, abi }: Reference<A>,
    functionName: N,
    args: ContractFunctionArgs<A, "nonpayable" | "payable", N>,
  ): Promise<Event[]> {
    const wallet = createWalletClient({
      account: this.account(person),
      chain: this.client.chain as Chain,
      transport: http(this.rpc),
    });
    const hash = await wallet.writeContract({ address, abi, functionName, args } as never);
    const receipt = await this.client.waitForTransactionReceipt({ hash });
    if (receipt.status !== "success") throw new CliError(`${functionName} by ${person} was reverted in ${hash}`);
    const logs = receipt.logs.filter((log) => log.address === address.toLowerCase());
    return parseEventLogs({ abi: abi as Abi, logs }) as unknown as Event[];
  }

  read<const A extends Abi, N extends ContractFunctionName<A, "view" | "pure">>(
    { address, abi }: Reference<A>,
    functionName: N,
    args: ContractFunctionArgs<A, "view" | "pure", N>,
  ): Promise<ContractFunctionReturnType<A, "view" | "pure", N>> {
    return this.client.readContract({ address, abi, functionName, args } as never) as never;
  }

  /** The name of the error with which the chain refuses a call. Throws if it does not. */
  async refusal<const A extends Abi, N extends ContractFunctionName<A, "nonpayable" | "payable">>(
    person: Person,
    { address, abi }: Reference<A>,
    functionName: N,
    args: ContractFunctionArgs<A, "nonpayable" | "payable", N>,
  ): Promise<string> {
    try {
      await this.client.simulateContract({ address, abi, functionName, args, account: this.account(person) } as never);
    } catch (error) {
      const cause =
        error instanceof BaseError ? error.walk((inner) => inner instanceof ContractFunctionRevertedError) : null;
      if (cause instanceof ContractFunctionRevertedError && cause.data) return cause.data.errorName;
      throw error;
    }
    throw new CliError(`${functionName} by ${person} should have been refused`);
  }

  async request<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    return (await this.client.request({ method, params } as never)) as T;
  }

  /** Waits until the chain's time has come (seconds). */
  async until(time: bigint): Promise<void> {
    while ((await this.client.getBlock()).timestamp < time) await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A contract's event, decoded. */
export interface Event {
  readonly eventName: string;
  readonly args: Readonly<Record<string, unknown>>;
}

function fieldOf(events: readonly Event[], name: string, field: string): unknown {
  const found = events.find((event) => event.eventName === name);
  if (!found) throw new CliError(`no event ${name}, only ${events.map((event) => event.eventName).join(", ")}`);
  return found.args[field];
}

/** A number in the event of that name; the transaction must have emitted it. */
export function numberIn(events: readonly Event[], name: string, field: string): bigint {
  const value = fieldOf(events, name, field);
  if (typeof value !== "bigint") throw new CliError(`${name}.${field} is not a number`);
  return value;
}

/** An address or bytes in the event of that name. */
export function hexIn(events: readonly Event[], name: string, field: string): Hex {
  const value = fieldOf(events, name, field);
  if (!isHex(value)) throw new CliError(`${name}.${field} is not hex`);
  return value;
}

export function now(): bigint {
  return BigInt(Math.floor(Date.now() / 1000));
}
