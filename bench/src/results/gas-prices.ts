import { generateKeyPairSync, randomBytes, randomInt, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address, Hex } from "@ruffchain/abi";
import { bytesToHex, type Context, type Contract, contract, gasSchedule, table } from "@ruffchain/kernel";
import { encodeFunctionData, parseAbi } from "viem";
import { type LoadAccount, loadAccount, loadAccounts } from "../load/account.js";
import { makeDevice } from "../load/device.js";
import { GENESIS_TIME, LocalChain } from "../local-chain.js";
import { progress } from "../progress.js";
import type { Benchmark } from "../result.js";
import { median } from "../time.js";

const ROWS = 1_000_000;
const INDEXED_ROWS = 200_000;
const ROWS_PER_BLOCK = 20_000;
/** Blocks with the work and without it take turns; enough of them first, that each prunes one of its own kind. */
const WARM_UP_PAIRS = 8;
const PAIRS = 25;
const ACCOUNTS = 1_000;
const TRANSFERS_PER_BLOCK = 500;
const MESSAGE_BYTES = 200;
/** No limit: what is measured is the work, not the price. */
const BLOCK_GAS_LIMIT = 2 ** 40;
const GAS = 2 ** 36;
const BALANCE = (10n ** 24n).toString();
const TRANSFER_GAS = 21_000;
const FAR_AWAY = GENESIS_TIME + 1_000_000_000n;

const abi = parseAbi([
  "function work()",
  "function nothing()",
  "function later()",
  "event Noted(uint256 indexed id, uint256 value)",
]);
const tables = {
  rows: table("uint256", "bytes32"),
  indexed: table("uint256", { field: "bytes32" }, { indexes: { byField: ["field"] } }),
};
type Ctx = Context<typeof abi, typeof tables>;
const address: Address = "0x525546460000000000000000000000000000ffff";

/** What the next call of the contract does. */
let work: (ctx: Ctx) => void = () => undefined;

const probe: Contract = contract({
  name: "Probe",
  address,
  abi,
  tables,
  functions: { work: (ctx) => work(ctx), nothing: () => undefined },
  scheduled: { later: () => undefined },
});
const self = { address, abi };
const call = { to: address, value: 0n, data: encodeFunctionData({ abi, functionName: "work" }), gas: GAS };

interface Priced {
  readonly name: string;
  readonly gas: number;
  /** How often a block does it. */
  readonly count: number;
  /** Does it so often; made anew for each block, so that what it takes is ready when the clock starts. */
  prepare(count: number): (ctx: Ctx) => void;
  /** What else is done each time, by its name: it is taken off. */
  readonly without?: string;
}

const word = (): Hex => bytesToHex(randomBytes(32));
const anyRow = () => BigInt(randomInt(ROWS));
let created = ROWS;
let deleted = 0;
const tickets: bigint[] = [];

/** What is the same each time and needs no preparation. */
function each(action: (ctx: Ctx, index: number) => void): Priced["prepare"] {
  return (count) => (ctx) => {
    for (let index = 0; index < count; index++) action(ctx, index);
  };
}

/** What takes a value that is made before. */
function eachOf<T>(make: () => T, action: (ctx: Ctx, value: T) => void): Priced["prepare"] {
  return (count) => {
    const values = Array.from({ length: count }, make);
    return (ctx) => {
      for (const value of values) action(ctx, value);
    };
  };
}

/** A signature by a key that the chain has not seen. */
function signedP256() {
  const { publicKey, sign } = makeDevice();
  const message = randomBytes(MESSAGE_BYTES);
  return { message, signature: bytesToHex(sign(message)), publicKey: bytesToHex(publicKey) };
}

function signedEd25519() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const message = randomBytes(MESSAGE_BYTES);
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return { message, signature: bytesToHex(sign(null, message, privateKey)), publicKey: bytesToHex(raw) };
}

const { writeByte, readByte, eventByte, hash, hashByte } = gasSchedule;
const short = randomBytes(32);
const long = randomBytes(1024);
const messageGas = MESSAGE_BYTES * hashByte;

const priced: readonly Priced[] = [
  { name: "call", gas: gasSchedule.call, count: 20_000, prepare: each((ctx) => ctx.call(self, "nothing")) },
  {
    name: "read, from disk",
    gas: gasSchedule.read + 32 * readByte,
    count: 5_000,
    prepare: eachOf(anyRow, (ctx, id) => ctx.tables.rows.get(id)),
  },
  {
    name: "read, cached",
    gas: gasSchedule.read + 32 * readByte,
    count: 20_000,
    prepare: each((ctx) => ctx.tables.rows.get(1n)),
  },
  {
    name: "write over a row",
    gas: gasSchedule.write + 32 * writeByte,
    count: 1_000,
    prepare: eachOf(
      () => [anyRow(), word()] as const,
      (ctx, [id, value]) => ctx.tables.rows.set(id, value),
    ),
  },
  {
    name: "write a new row",
    gas: gasSchedule.write + 32 * writeByte,
    count: 1_000,
    prepare: eachOf(
      () => [BigInt(created++), word()] as const,
      (ctx, [id, value]) => ctx.tables.rows.set(id, value),
    ),
  },
  {
    name: "delete a row",
    gas: gasSchedule.delete + gasSchedule.read + 32 * readByte,
    count: 1_000,
    prepare: eachOf(
      () => BigInt(deleted++),
      (ctx, id) => ctx.tables.rows.delete(id),
    ),
  },
  {
    name: "two index entries",
    gas: 2 * gasSchedule.index + gasSchedule.read + 32 * readByte,
    count: 1_000,
    without: "write over a row",
    prepare: eachOf(
      () => [BigInt(randomInt(INDEXED_ROWS)), word()] as const,
      (ctx, [id, field]) => ctx.tables.indexed.set(id, { field }),
    ),
  },
  {
    name: "step of a walk",
    gas: gasSchedule.step,
    count: 5_000,
    prepare: (count) => (ctx) => {
      let left = count;
      for (const _ of ctx.tables.rows.rows([])) if (--left === 0) return;
    },
  },
  {
    name: "event with a topic and a word",
    gas: gasSchedule.event + (2 * 32 + 32) * eventByte,
    count: 5_000,
    prepare: each((ctx, index) => ctx.emit("Noted", BigInt(index), 1n)),
  },
  {
    name: "keccak256 of 32 bytes",
    gas: hash + 32 * hashByte,
    count: 20_000,
    prepare: each((ctx) => ctx.crypto.keccak256(short)),
  },
  {
    name: "keccak256 of 1 kB",
    gas: hash + 1024 * hashByte,
    count: 5_000,
    prepare: each((ctx) => ctx.crypto.keccak256(long)),
  },
  {
    name: "SHA-256 of 32 bytes",
    gas: hash + 32 * hashByte,
    count: 20_000,
    prepare: each((ctx) => ctx.crypto.sha256(short)),
  },
  {
    name: "SHA-256 of 1 kB",
    gas: hash + 1024 * hashByte,
    count: 5_000,
    prepare: each((ctx) => ctx.crypto.sha256(long)),
  },
  {
    name: "P-256 signature, new key",
    gas: gasSchedule.verifyP256 + messageGas,
    count: 300,
    prepare: eachOf(signedP256, (ctx, { message, signature, publicKey }) => {
      if (!ctx.crypto.verifyP256(message, signature, publicKey)) throw new Error("a good signature was refused");
    }),
  },
  {
    name: "Ed25519 signature, new key",
    gas: gasSchedule.verifyEd25519 + messageGas,
    count: 300,
    prepare: eachOf(signedEd25519, (ctx, { message, signature, publicKey }) => {
      if (!ctx.crypto.verifyEd25519(message, signature, publicKey)) throw new Error("a good signature was refused");
    }),
  },
  {
    name: "schedule a call",
    gas: gasSchedule.schedule,
    count: 1_000,
    prepare: eachOf(
      () => FAR_AWAY + BigInt(randomInt(ROWS)),
      (ctx, at) => tickets.push(ctx.schedule(at, "later")),
    ),
  },
  {
    name: "take a scheduled call back",
    gas: gasSchedule.unschedule,
    count: 1_000,
    prepare: (count) => {
      const taken = tickets.splice(0, count);
      return (ctx) => {
        for (const ticket of taken) if (!ctx.unschedule(ticket)) throw new Error("a scheduled call is gone");
      };
    },
  },
  {
    name: "send wei to a new account",
    gas: gasSchedule.send,
    count: 1_000,
    prepare: eachOf(
      () => bytesToHex(randomBytes(20)),
      (ctx, to) => ctx.send(to, 1n),
    ),
  },
];

/**
 * What each thing that gas pays for takes of a processor, durable commit included, in a state of a million rows, against
 * its price; a plain transfer in a small state is the measure.
 */
export const gasPrices: Benchmark = async (_options, report) => {
  const folder = mkdtempSync(join(tmpdir(), "ruff-bench-gas-"));
  const sender = loadAccount(0);
  try {
    const gasPerMicrosecond =
      TRANSFER_GAS / (await transferMicroseconds(join(folder, "small"), loadAccounts(ACCOUNTS)));
    progress(`g: ${gasPerMicrosecond.toFixed(0)} gas a microsecond; making a state of ${ROWS} rows …`);
    const genesis = { blockGasLimit: BLOCK_GAS_LIMIT };
    const alloc = { [sender.address]: BALANCE, [address]: BALANCE };
    const chain = await LocalChain.open(join(folder, "large"), [probe], alloc, genesis);
    const execute = (next: typeof work) => {
      work = next;
      return chain.execute([{ sender, call }]);
    };
    try {
      for (let start = 0; start < ROWS; start += ROWS_PER_BLOCK) {
        await execute((ctx) => {
          for (let id = start; id < start + ROWS_PER_BLOCK; id++) ctx.tables.rows.set(BigInt(id), word());
        });
      }
      for (let start = 0; start < INDEXED_ROWS; start += ROWS_PER_BLOCK) {
        await execute((ctx) => {
          for (let id = start; id < start + ROWS_PER_BLOCK; id++) ctx.tables.indexed.set(BigInt(id), { field: word() });
        });
      }
      const measured = new Map<string, number>();
      for (const { name, gas, count, prepare, without } of priced) {
        const differences: number[] = [];
        for (let pair = 0; pair < WARM_UP_PAIRS + PAIRS; pair++) {
          const full = await execute(prepare(count));
          const empty = await execute(() => undefined);
          if (pair >= WARM_UP_PAIRS) differences.push(full.processor - empty.processor);
        }
        const others = without === undefined ? 0 : (measured.get(without) ?? Number.NaN);
        const figure = (1000 * median(differences)) / count - others;
        measured.set(name, figure);
        report({
          name: `g: ${name}`,
          figure,
          unit: "us",
          better: "lower",
          peer: `what its ${gas} gas are of a transfer`,
          peerFigure: gas / gasPerMicrosecond,
          settings: { rows: ROWS, eachBlock: count, blocks: PAIRS, store: "LMDB", figureIs: "median, processor time" },
        });
      }
    } finally {
      await chain.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** A transfer between random accounts in a small state; its sender is recovered before, as worker threads do it. */
async function transferMicroseconds(directory: string, accounts: readonly LoadAccount[]): Promise<number> {
  const alloc = Object.fromEntries(accounts.map((account) => [account.address, BALANCE]));
  const chain = await LocalChain.open(directory, [], alloc);
  const anyAccount = () => accounts[randomInt(accounts.length)] as LoadAccount;
  try {
    const times: number[] = [];
    for (let block = 0; block < WARM_UP_PAIRS + PAIRS; block++) {
      const transfers = Array.from({ length: TRANSFERS_PER_BLOCK }, () => ({
        sender: anyAccount(),
        call: { to: anyAccount().address, value: 1n, data: "0x", gas: TRANSFER_GAS } as const,
      }));
      times.push((await chain.execute(transfers)).processor);
    }
    return (1000 * median(times.slice(WARM_UP_PAIRS))) / TRANSFERS_PER_BLOCK;
  } finally {
    await chain.close();
  }
}
