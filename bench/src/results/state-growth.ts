import { createHash, randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address } from "@ruffchain/abi";
import { Application, hexToBytes } from "@ruffchain/kernel";
import { DEVELOPMENT_CHAIN_ID, LmdbStore } from "@ruffchain/node";
import { type LoadAccount, loadAccount } from "../load/account.js";
import { signTransaction } from "../load/sign.js";
import { progress } from "../progress.js";
import type { Benchmark } from "../result.js";

const SIZES = [1_000, 100_000, 1_000_000];
const TRANSFERS_PER_BLOCK = 500;
const WARM_UP_BLOCKS = 20;
const BLOCKS = 60;
/** Accounts that send; the others only receive, so nobody has to derive a million keys. */
const SENDERS = 10_000;
const GENESIS_TIME = 1_793_570_000n * 1_000_000_000n;
const BLOCK_TIME = 1_000_000_000n;
const BALANCE = (10n ** 21n).toString();

/**
 * The cost of a transfer between random accounts in states of different sizes: decoding, execution, the state tree and
 * the durable commit; senders are known beforehand, as in a node. The chains take turns block by block, so whatever
 * else the machine does hits all of them.
 */
export const stateGrowth: Benchmark = async (_options, report) => {
  const folder = mkdtempSync(join(tmpdir(), "ruff-bench-state-"));
  const senders = Array.from({ length: SENDERS }, (_, index) => loadAccount(index));
  const chains: Chain[] = [];
  try {
    for (const size of SIZES) {
      progress(`f: making a state of ${size} accounts …`);
      chains.push(await openChain(join(folder, String(size)), size, senders.slice(0, size)));
    }
    for (let block = 0; block < WARM_UP_BLOCKS + BLOCKS; block++) {
      for (const chain of chains) {
        const milliseconds = await executeBlock(chain);
        if (block >= WARM_UP_BLOCKS) chain.times.push(milliseconds);
      }
    }
    const [least] = chains;
    for (const chain of chains) {
      if (least === undefined || chain === least) continue;
      report({
        name: `f: transfer in a state of ${chain.size} accounts`,
        figure: microsecondsPerTransfer(chain),
        unit: "us",
        better: "lower",
        peer: `a state of ${least.size} accounts`,
        peerFigure: microsecondsPerTransfer(least),
        settings: { store: "LMDB", blocks: BLOCKS, transfersPerBlock: TRANSFERS_PER_BLOCK, figureIs: "median block" },
      });
    }
  } finally {
    for (const { store } of chains) await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

interface Chain {
  readonly size: number;
  readonly store: LmdbStore;
  readonly app: Application;
  readonly senders: readonly LoadAccount[];
  /** Milliseconds of each measured block. */
  readonly times: number[];
}

async function openChain(directory: string, size: number, senders: readonly LoadAccount[]): Promise<Chain> {
  const store = new LmdbStore(directory);
  const app = Application.open({ store, contracts: [] });
  const alloc: Record<Address, string> = {};
  for (let index = 0; index < size; index++) alloc[addressOf(senders, index)] = BALANCE;
  await app.initChain({
    time: GENESIS_TIME,
    chainId: "ruff-bench",
    validators: [],
    appState: Buffer.from(JSON.stringify({ evmChainId: DEVELOPMENT_CHAIN_ID, alloc })),
    initialHeight: 1,
  });
  return { size, store, app, senders: senders.map((sender) => ({ ...sender })), times: [] };
}

/** The account with this number: the first are the senders, nobody has the keys of the others. */
function addressOf(senders: readonly LoadAccount[], index: number): Address {
  const sender = senders[index];
  if (sender !== undefined) return sender.address;
  return `0x${createHash("sha256").update(`nobody ${index}`).digest("hex").slice(0, 40)}`;
}

/** Executes and commits one block of transfers; its milliseconds. */
async function executeBlock({ app, senders, size }: Chain): Promise<number> {
  const txs = Array.from({ length: TRANSFERS_PER_BLOCK }, () => {
    const sender = senders[randomInt(senders.length)] as LoadAccount;
    const call = { to: addressOf(senders, randomInt(size)), value: 1n, data: "0x", gas: 21_000 } as const;
    const { raw, hash } = signTransaction(DEVELOPMENT_CHAIN_ID, sender, call);
    app.senders.put(hash, sender.address);
    return hexToBytes(raw);
  });
  const height = app.head.height + 1;
  const start = performance.now();
  const { txResults } = await app.finalizeBlock({
    txs,
    height,
    time: GENESIS_TIME + BigInt(height) * BLOCK_TIME,
    proposerAddress: new Uint8Array(20),
    misbehavior: [],
    nextValidatorsHash: new Uint8Array(32),
    hash: new Uint8Array(32),
    decidedLastCommit: { round: 0, votes: [] },
  });
  await app.commit();
  const milliseconds = performance.now() - start;
  const failed = txResults.find(({ code }) => code !== 0);
  if (failed !== undefined) throw new Error(`a transfer failed with code ${failed.code}`);
  return milliseconds;
}

function microsecondsPerTransfer({ times }: Chain): number {
  const median = times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
  return (median * 1000) / TRANSFERS_PER_BLOCK;
}
