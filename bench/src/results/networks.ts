import { loadAccounts } from "../load/account.js";
import { LANES, runLoad } from "../load/transaction-load.js";
import { ACCOUNTS, signLanes, WARM_UP } from "../load/workload.js";
import { cometProgram } from "../networks/comet-program.js";
import { loadKvstore } from "../networks/kvstore-load.js";
import { startKvstoreNetwork } from "../networks/kvstore-network.js";
import { startRuffNetwork } from "../networks/ruff-network.js";
import { progress } from "../progress.js";
import type { Benchmark } from "../result.js";
import { percentile } from "../time.js";
import { nativeTransfers } from "./native-transfers.js";

const BLOCK_TIME_MS = 200;
const SIZES = [1, 4];

/**
 * Committed transfers a second over networks of validators on this machine, against the same CometBFT with the key-value
 * store that it brings along: the engine's ceiling without signatures, state and a socket to another program.
 */
export const networks: Benchmark = async ({ count }, report) => {
  const cometbft = cometProgram();
  for (const validators of SIZES) {
    progress(`n: ${validators} validators, ${count} transfers …`);
    const ours = await transfers(validators, count, cometbft);
    progress(`n: ${Math.round(ours.perSecond)}/s; the key-value store …`);
    const ceiling = await keyValues(validators, count, cometbft);
    const settings = { validators, transactions: count, blockTimeMs: BLOCK_TIME_MS, lanes: LANES };
    const peer = "CometBFT v0.40.0 kvstore";
    report({
      name: `n: transfers over ${validators} validators`,
      figure: ours.perSecond,
      unit: "transactions/s",
      better: "higher",
      peer,
      peerFigure: ceiling.perSecond,
      settings: { ...settings, store: "LMDB", p50Ms: Math.round(ours.p50), p99Ms: Math.round(ours.p99) },
    });
  }
};

async function transfers(validators: number, count: number, cometbft: string) {
  const accounts = loadAccounts(ACCOUNTS);
  const addresses = accounts.map(({ address }) => address);
  const network = await startRuffNetwork(validators, addresses, cometbft, BLOCK_TIME_MS);
  try {
    const [port = 0] = network.ports;
    const call = await nativeTransfers.prepare({ port, chainId: network.chainId, stop: network.stop }, accounts);
    await runLoad(port, signLanes(network.chainId, accounts, WARM_UP, call), network.ports);
    const lanes = signLanes(network.chainId, accounts, count, call);
    const { transactionsPerSecond, latencies } = await runLoad(port, lanes, network.ports);
    return { perSecond: transactionsPerSecond, p50: percentile(latencies, 50), p99: percentile(latencies, 99) };
  } finally {
    await network.stop();
  }
}

async function keyValues(validators: number, count: number, cometbft: string) {
  const network = await startKvstoreNetwork(validators, cometbft, BLOCK_TIME_MS);
  try {
    await loadKvstore(network.ports, WARM_UP, "warm");
    return await loadKvstore(network.ports, count, "key");
  } finally {
    await network.stop();
  }
}
