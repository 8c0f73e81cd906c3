import { systemContracts } from "@ruffchain/contracts";
import {
  Application,
  Bucket,
  bytesToHex,
  type FinalizeBlockRequest,
  hexToBytes,
  type InitChainRequest,
  type Log,
  MemoryStore,
  type Write,
} from "@ruffchain/kernel";
import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { afterAll, expect } from "vitest";

export const CHAIN_ID = 7833;
/** Seconds since 1970 at which the test chain begins. */
export const GENESIS_TIME = 1_793_570_000n;
const GAS_LIMIT = 10_000_000n;
const NANOSECONDS = 1_000_000_000n;

interface Reference<A extends Abi> {
  readonly address: Address;
  readonly abi: A;
}

export interface Event {
  readonly address: Address;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface Outcome {
  readonly events: readonly Event[];
  readonly gasUsed: number;
}

/** A transaction reverted: the error's name and arguments as the ABI decodes them. */
export class Reverted extends Error {
  readonly errorName: string;
  readonly args: readonly unknown[];
  constructor(errorName: string, args: readonly unknown[]) {
    super(`${errorName}(${args.join(", ")})`);
    this.errorName = errorName;
    this.args = args;
  }
}

/** The error as a client sees it that knows the called contract's ABI only. */
function decodeError(abi: Abi, output: Uint8Array): Error {
  try {
    const { errorName, args } = decodeErrorResult({ abi, data: bytesToHex(output) });
    return new Reverted(errorName, args ?? []);
  } catch {
    return new Error(`an error that the ABI does not name: ${bytesToHex(output)}`);
  }
}

/** The ABI of the contract at an address: tokens and titles have events of the same name and topic. */
function abiAt(address: Address): Abi {
  const contract = systemContracts.find(
    (one) => one.address === address || address.startsWith(one.instances ?? "none"),
  );
  return contract?.abi ?? [];
}

function decodeLog(log: Log): Event {
  try {
    const { eventName, args } = decodeEventLog({
      abi: abiAt(log.address),
      data: bytesToHex(log.data),
      topics: [...log.topics] as [Hex, ...Hex[]],
    });
    return { address: log.address, name: eventName ?? "", args: (args ?? {}) as Record<string, unknown> };
  } catch {
    return { address: log.address, name: log.topics[0] ?? "", args: {} };
  }
}

/** Test accounts; the same index is the same account in every chain. */
export function account(index: number): PrivateKeyAccount & { readonly id: Address } {
  const known = privateKeyToAccount(`0x${(index + 1).toString(16).padStart(64, "0")}`);
  return { ...known, id: known.address.toLowerCase() as Address };
}

export type Account = ReturnType<typeof account>;

/** What a chain was told, and the root that it answered to each block. */
interface History {
  readonly genesis: InitChainRequest;
  readonly blocks: { readonly request: FinalizeBlockRequest; readonly root: Uint8Array }[];
}

/** The chains of the test file that runs. */
const histories: History[] = [];

/** First byte of the key of a table's row; the contract's address follows (docs/state.md). */
const ROW = 3;

/** Remembers which contracts' rows the newest block changed. */
class WatchedStore extends MemoryStore {
  changed: ReadonlySet<string> = new Set();

  override async commit(writes: Iterable<Write>): Promise<void> {
    const all = [...writes];
    const rows = all.filter(({ bucket, key }) => bucket === Bucket.state && key[0] === ROW);
    this.changed = new Set(rows.map(({ key }) => bytesToHex(key.subarray(1, 21))));
    await super.commit(all);
  }
}

function openApplication(store: MemoryStore, onFault: (fault: unknown) => void): Application {
  return Application.open({
    store,
    contracts: systemContracts,
    upgrades: { known: (state) => state.set(UPGRADE_KEY, Uint8Array.of(1)) },
    onFault,
  });
}

/** What the upgrade "known" writes. */
export const UPGRADE_KEY = "\x04\x7f";

/** How the chain begins, where a test asks for more than accounts. */
export interface TestGenesis {
  readonly validators?: readonly { readonly key: ConsensusKey; readonly power: bigint; readonly operator?: Account }[];
  readonly parameters?: Readonly<Record<string, bigint>>;
  /** Wei of each account. */
  readonly balance?: bigint;
  /** 0: one scheduled call a block. */
  readonly scheduledGasLimit?: number;
}

/** What the engine says of validators in one block, by consensus address. */
export interface Reports {
  readonly absent?: readonly Hex[];
  readonly present?: readonly Hex[];
  readonly misbehavior?: readonly { readonly address: Hex; readonly height: number }[];
}

export interface ConsensusKey {
  readonly publicKey: Hex;
  readonly address: Hex;
}

/** Wei of each account where not told. */
export const BALANCE = 10n ** 30n;

/** Same blocks, same roots: whatever a test file did, a node that replays it comes to the same. */
afterAll(async () => {
  for (const { genesis, blocks } of histories) {
    const app = openApplication(new MemoryStore(), (fault) => {
      throw fault;
    });
    await app.initChain(genesis);
    for (const { request, root } of blocks) {
      expect((await app.finalizeBlock(request)).appHash).toEqual(root);
      await app.commit();
    }
  }
});

/** All system contracts on the real application over a store in memory, one block at a time. */
export async function openChain(accounts: readonly Account[], begin: TestGenesis = {}) {
  const faults: unknown[] = [];
  const store = new WatchedStore();
  const app = openApplication(store, (fault) => faults.push(fault));
  const { validators = [], parameters = {}, balance = BALANCE, scheduledGasLimit } = begin;
  const alloc = Object.fromEntries(accounts.map(({ id }) => [id, balance.toString()]));
  const operators = validators.flatMap(({ key, operator }) => (operator ? [[key.publicKey, operator.id]] : []));
  const appState = {
    evmChainId: CHAIN_ID,
    alloc,
    minBaseFee: "0",
    initialBaseFee: "0",
    ...(scheduledGasLimit !== undefined && { scheduledGasLimit }),
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, value.toString()])),
    operators: Object.fromEntries(operators),
  };
  const genesis: InitChainRequest = {
    time: GENESIS_TIME * NANOSECONDS,
    chainId: "ruff-test",
    validators: validators.map(({ key, power }) => ({
      publicKey: { type: "ed25519", bytes: hexToBytes(key.publicKey) },
      power,
    })),
    appState: Buffer.from(JSON.stringify(appState)),
    initialHeight: 1,
  };
  await app.initChain(genesis);
  const history: History = { genesis, blocks: [] };
  histories.push(history);
  let time = GENESIS_TIME;
  const nonces = new Map<Address, number>();

  /** Commits a block at the given time (the next second where absent). Returns its events, scheduled ones included. */
  async function block(txs: readonly Uint8Array[] = [], at: bigint = time + 1n, reports: Reports = {}) {
    time = at;
    const request: FinalizeBlockRequest = {
      txs,
      height: app.head.height + 1,
      time: at * NANOSECONDS,
      proposerAddress: new Uint8Array(20),
      misbehavior: (reports.misbehavior ?? []).map(({ address, height }) => ({
        type: "duplicateVote",
        address: hexToBytes(address),
        power: 1n,
        height,
        time: at * NANOSECONDS,
        totalPower: 1n,
      })),
      nextValidatorsHash: new Uint8Array(32),
      hash: new Uint8Array(32),
      decidedLastCommit: {
        round: 0,
        votes: [
          ...(reports.present ?? []).map((address) => ({ address: hexToBytes(address), power: 1n, signed: true })),
          ...(reports.absent ?? []).map((address) => ({ address: hexToBytes(address), power: 1n, signed: false })),
        ],
      },
    };
    const response = await app.finalizeBlock(request);
    await app.commit();
    history.blocks.push({ request, root: response.appHash });
    const record = app.blocks.block(app.head.height);
    if (!record) throw new Error("the committed block is not in the store");
    if (faults.length > 0) throw faults[0];
    return { response, record, events: record.transactions.flatMap((tx) => tx.logs.map(decodeLog)) };
  }

  /** Sends a transaction in a block of its own. Throws Reverted. Whatever it changed of the contract, there is an event of it. */
  async function send<
    const A extends Abi,
    N extends ContractFunctionName<A, "nonpayable" | "payable">,
    const P extends ContractFunctionArgs<A, "nonpayable" | "payable", N>,
  >(from: Account, target: Reference<A>, name: N, args: P, { value = 0n, tip = 0n } = {}): Promise<Outcome> {
    const nonce = nonces.get(from.id) ?? 0;
    nonces.set(from.id, nonce + 1);
    const raw = await from.signTransaction({
      type: "eip1559",
      chainId: CHAIN_ID,
      nonce,
      to: target.address,
      data: encodeFunctionData({
        abi: target.abi as Abi,
        functionName: name as string,
        args: args as readonly unknown[],
      }),
      value,
      gas: GAS_LIMIT,
      maxFeePerGas: tip,
      maxPriorityFeePerGas: tip,
    });
    const { response, record } = await block([hexToBytes(raw)]);
    const code = response.txResults[0]?.code;
    const transaction = record.transactions.at(-1);
    if (code !== 0 && code !== 1) throw new Error(`the transaction was refused with code ${code}`);
    if (!transaction) throw new Error("the transaction is not in its block");
    if (!transaction.succeeded) throw decodeError(target.abi, transaction.output);
    const called = target.address.toLowerCase();
    if (store.changed.has(called)) {
      expect(
        transaction.logs.map(({ address }) => address),
        `${String(name)} changes what no event tells`,
      ).toContain(called);
    }
    return { events: transaction.logs.map(decodeLog), gasUsed: transaction.gasUsed };
  }

  /** Calls a view. Throws Reverted. */
  async function read<
    const A extends Abi,
    N extends ContractFunctionName<A, "view" | "pure">,
    const P extends ContractFunctionArgs<A, "view" | "pure", N>,
  >(target: Reference<A>, name: N, args: P): Promise<ContractFunctionReturnType<A, "view" | "pure", N, P>> {
    const call = { abi: target.abi as Abi, functionName: name as string };
    const data = hexToBytes(encodeFunctionData({ ...call, args: args as readonly unknown[] }));
    const result = await app.call({ to: target.address, data });
    if (faults.length > 0) throw faults[0];
    if (!result.ok) throw decodeError(target.abi, result.output);
    return decodeFunctionResult({ ...call, data: bytesToHex(result.output) }) as never;
  }

  /** Lets time pass: an empty block at the given time. Returns what the scheduler's calls logged. */
  async function waitUntil(at: bigint): Promise<readonly Event[]> {
    return (await block([], at)).events;
  }

  return {
    app,
    block,
    send,
    read,
    waitUntil,
    /** Time of the newest block, in seconds. */
    now: () => time,
  };
}

export type Chain = Awaited<ReturnType<typeof openChain>>;

/** The arguments of the only event with this name. */
export function eventOf(events: readonly Event[], name: string): Readonly<Record<string, unknown>> {
  const found = events.filter((event) => event.name === name);
  if (found.length !== 1 || !found[0])
    throw new Error(`${found.length} events ${name} in [${events.map((e) => e.name)}]`);
  return found[0].args;
}

/** The named error that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<readonly [name: string, ...args: unknown[]]> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Reverted) return [error.errorName, ...error.args];
    throw error;
  }
  throw new Error("nothing was refused");
}
