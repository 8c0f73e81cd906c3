import { createHash, randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address } from "@ruffchain/abi";
import { type LoadAccount, loadAccounts } from "../load/account.js";
import { LocalChain, type Sending } from "../local-chain.js";
import { progress } from "../progress.js";
import type { Benchmark } from "../result.js";
import { median } from "../time.js";

const SIZES = [1_000, 100_000, 1_000_000];
const TRANSFERS_PER_BLOCK = 500;
const WARM_UP_BLOCKS = 20;
const BLOCKS = 60;
/** Accounts that send; the others only receive, so nobody has to derive a million keys. */
const SENDERS = 10_000;
const BALANCE = (10n ** 21n).toString();

interface GrownChain {
  readonly size: number;
  readonly chain: LocalChain;
  readonly senders: readonly LoadAccount[];
  /** Milliseconds of each measured block. */
  readonly times: number[];
}

/**
 * The cost of a transfer between random accounts in states of different sizes: decoding, execution, the state tree and
 * the durable commit. The chains take turns block by block, so whatever else the machine does hits all of them.
 */
export const stateGrowth: Benchmark = async (_options, report) => {
  const folder = mkdtempSync(join(tmpdir(), "ruff-bench-state-"));
  const grown: GrownChain[] = [];
  try {
    for (const size of SIZES) {
      progress(`f: making a state of ${size} accounts …`);
      const senders = loadAccounts(Math.min(size, SENDERS));
      const alloc: Record<Address, string> = {};
      for (let index = 0; index < size; index++) alloc[addressOf(senders, index)] = BALANCE;
      const chain = await LocalChain.open(join(folder, String(size)), [], alloc);
      grown.push({ size, chain, senders, times: [] });
    }
    for (let block = 0; block < WARM_UP_BLOCKS + BLOCKS; block++) {
      for (const { chain, senders, size, times } of grown) {
        const { elapsed } = await chain.execute(randomTransfers(senders, size));
        if (block >= WARM_UP_BLOCKS) times.push(elapsed);
      }
    }
    const [least, ...others] = grown;
    for (const { size, times } of others) {
      report({
        name: `f: transfer in a state of ${size} accounts`,
        figure: microsecondsPerTransfer(times),
        unit: "us",
        better: "lower",
        peer: `in a state of ${least?.size} accounts`,
        peerFigure: microsecondsPerTransfer(least?.times ?? []),
        settings: { store: "LMDB", blocks: BLOCKS, transfersPerBlock: TRANSFERS_PER_BLOCK, figureIs: "median block" },
      });
    }
  } finally {
    for (const { chain } of grown) await chain.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The account with this number: the first are the senders, nobody has the keys of the others. */
function addressOf(senders: readonly LoadAccount[], index: number): Address {
  const sender = senders[index];
  if (sender !== undefined) return sender.address;
  return `0x${createHash("sha256").update(`nobody ${index}`).digest("hex").slice(0, 40)}`;
}

function randomTransfers(senders: readonly LoadAccount[], size: number): Sending[] {
  return Array.from({ length: TRANSFERS_PER_BLOCK }, () => ({
    sender: senders[randomInt(senders.length)] as LoadAccount,
    call: { to: addressOf(senders, randomInt(size)), value: 1n, data: "0x", gas: 21_000 },
  }));
}

function microsecondsPerTransfer(times: readonly number[]): number {
  return (median(times) * 1000) / TRANSFERS_PER_BLOCK;
}
