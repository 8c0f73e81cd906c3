import { loadAccount, loadAccounts } from "../load/account.js";
import { makeDevice } from "../load/device.js";
import { LANES, runLoad } from "../load/transaction-load.js";
import { ACCOUNTS, signLanes, WARM_UP } from "../load/workload.js";
import { type CometChain, makeCometHomes } from "../networks/comet-homes.js";
import { loadComet } from "../networks/comet-load.js";
import { cometProgram } from "../networks/comet-program.js";
import { cosmosBank, cosmosTransactions } from "../networks/cosmos-bank.js";
import { kvstore, kvstoreTransactions } from "../networks/kvstore.js";
import { ProgramNetwork } from "../networks/program-network.js";
import { startRuffNetwork } from "../networks/ruff-network.js";
import { progress } from "../progress.js";
import type { Benchmark } from "../result.js";
import { percentile } from "../time.js";
import { prepareNativeMarket } from "./native-rental.js";
import { nativeTransfers } from "./native-transfers.js";
import { rent, STEPS, WARM_UP_RENTALS } from "./rentals.js";

const BLOCK_TIME_MS = 200;
const SIZES = [1, 4];

/**
 * Committed transfers and rentals a second over networks of validators on this machine, against the same CometBFT with
 * the key-value store that it brings along (the engine's ceiling) and against a chain of the Cosmos SDK.
 */
export const networks: Benchmark = async ({ count }, report) => {
  const cometbft = cometProgram();
  const perLane = Math.floor(count / LANES);
  for (const validators of SIZES) {
    progress(`n: ${validators} validators, ${count} transfers …`);
    const ours = await transfers(validators, count, cometbft);
    progress(`n: ${Math.round(ours.perSecond)}/s; the key-value store …`);
    const ceiling = await cometLoad(kvstore(cometbft), validators, cometbft, [
      kvstoreTransactions(LANES, WARM_UP / LANES, "warm"),
      kvstoreTransactions(LANES, perLane, "key"),
    ]);
    progress(`n: ${Math.round(ceiling.perSecond)}/s; the Cosmos SDK …`);
    const cosmos = await cometLoad(cosmosBank(ACCOUNTS), validators, cometbft, [
      cosmosTransactions(ACCOUNTS, LANES, 0, WARM_UP / LANES),
      cosmosTransactions(ACCOUNTS, LANES, WARM_UP / LANES, perLane),
    ]);
    progress(`n: ${Math.round(cosmos.perSecond)}/s; rentals …`);
    const settings = { validators, blockTimeMs: BLOCK_TIME_MS, lanes: LANES, store: "LMDB" };
    const { perSecond, pacedPerSecond, p50, p99 } = ours;
    const unit = "transactions/s";
    for (const peer of [ceiling, cosmos]) {
      report({
        name: `n: transfers over ${validators} validators`,
        ...{ figure: perSecond, unit, better: "higher", peer: peer.name, peerFigure: peer.perSecond },
        settings: { ...settings, transactions: count },
      });
      report({
        name: `n: transfers over ${validators} validators, processor time of all nodes`,
        ...{ figure: ours.microseconds, unit: "µs/transaction", better: "lower" },
        ...{ peer: peer.name, peerFigure: peer.microseconds, settings: { ...settings, transactions: count } },
      });
    }
    report({
      name: `n: transfers over ${validators} validators, latency with half of that load: 99% within`,
      ...{ figure: p99, unit: "ms", better: "lower", peer: "50% within", peerFigure: p50 },
      settings: { ...settings, transactions: count, perSecond: Math.round(pacedPerSecond) },
    });
    const rentals = Math.max(1, Math.floor(count / 10 / ACCOUNTS)) * ACCOUNTS;
    report({
      name: `n: rentals over ${validators} validators`,
      ...{ figure: await rentalsPerSecond(validators, rentals, cometbft), unit: "rentals/s", better: "higher" },
      peer: `${ceiling.name}, ${STEPS} keys for each`,
      peerFigure: ceiling.perSecond / STEPS,
      settings: { ...settings, rentals },
    });
  }
};

/** Transfers as fast as they are taken, then as many at half of that pace for what a single one waits. */
async function transfers(validators: number, count: number, cometbft: string) {
  const accounts = loadAccounts(ACCOUNTS);
  const addresses = accounts.map(({ address }) => address);
  const network = await startRuffNetwork({ validators, accounts: addresses, cometbft, blockTimeMs: BLOCK_TIME_MS });
  const { nodes, chainId } = network;
  try {
    const [port = 0] = nodes.ports;
    const call = await nativeTransfers.prepare({ port, chainId, stop: () => nodes.stop() }, accounts);
    const lanes = () => signLanes(chainId, accounts, count, call);
    await runLoad(port, signLanes(chainId, accounts, WARM_UP, call), nodes.ports);
    const signed = lanes();
    const used = nodes.processorSeconds();
    const { transactionsPerSecond: perSecond } = await runLoad(port, signed, nodes.ports);
    const microseconds = (1e6 * (nodes.processorSeconds() - used)) / count;
    const pacedPerSecond = perSecond / 2;
    const { latencies } = await runLoad(port, lanes(), nodes.ports, pacedPerSecond);
    return { perSecond, microseconds, pacedPerSecond, p50: percentile(latencies, 50), p99: percentile(latencies, 99) };
  } finally {
    await nodes.stop();
  }
}

/** Sends the first load to warm up, and measures the second. */
async function cometLoad(
  chain: CometChain,
  validators: number,
  cometbft: string,
  [warmUp, load]: readonly [readonly string[][], readonly string[][]],
) {
  const homes = await makeCometHomes(chain, validators, cometbft, BLOCK_TIME_MS);
  const network = await ProgramNetwork.start(homes.folder, homes.validators);
  try {
    await loadComet(network.ports, warmUp);
    const used = network.processorSeconds();
    const perSecond = await loadComet(network.ports, load);
    const microseconds = (1e6 * (network.processorSeconds() - used)) / load.flat().length;
    return { name: chain.name, perSecond, microseconds };
  } finally {
    await network.stop();
  }
}

/** Whole rentals: book, open, check out, check in with settlement. */
async function rentalsPerSecond(validators: number, count: number, cometbft: string): Promise<number> {
  const renters = loadAccounts(ACCOUNTS);
  const firm = loadAccount(ACCOUNTS);
  const devices = Array.from({ length: WARM_UP_RENTALS + count }, makeDevice);
  const accounts = [...renters, firm].map(({ address }) => address);
  const { nodes, chainId } = await startRuffNetwork({ validators, accounts, cometbft, blockTimeMs: BLOCK_TIME_MS });
  const { ports } = nodes;
  const running = { port: ports[0] as number, ports, chainId, stop: () => nodes.stop() };
  try {
    const market = await prepareNativeMarket(running, firm, renters, devices);
    await rent(running, market, renters, 0, WARM_UP_RENTALS);
    const { booking, use } = await rent(running, market, renters, WARM_UP_RENTALS, count);
    return count / (booking.seconds + use.seconds);
  } finally {
    await nodes.stop();
  }
}
