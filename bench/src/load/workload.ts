import { type Peer, type RunningPeer, type Settings, withPeer } from "../peers/peer.js";
import { progress } from "../progress.js";
import { type LoadAccount, loadAccounts } from "./account.js";
import type { LoadCall } from "./sign.js";
import { BATCH, LANES, type LoadFigures, runLoad, signLane } from "./transaction-load.js";

export const ACCOUNTS = 200;
/** Transactions before the measured ones: just-in-time compilers have done their work, pools and caches are in use. */
export const WARM_UP = 2_000;

/** What the transaction with this number, sent by this account, does. */
export type CallOf = (sender: LoadAccount, index: number) => LoadCall;

export interface Workload {
  readonly name: string;
  /** Deploys and distributes what the load needs; what its transactions do. */
  prepare(running: RunningPeer, accounts: readonly LoadAccount[]): Promise<CallOf>;
}

/** Starts the peer, prepares, warms up, and measures `count` transactions. */
export async function measure(peer: Peer, workload: Workload, count: number): Promise<LoadFigures> {
  const accounts = loadAccounts(ACCOUNTS);
  const addresses = accounts.map(({ address }) => address);
  progress(`${workload.name}: ${peer.name} …`);
  const figures = await withPeer(peer, addresses, async (running) => {
    const call = await workload.prepare(running, accounts);
    await runLoad(running.port, signLanes(running.chainId, accounts, WARM_UP, call));
    return runLoad(running.port, signLanes(running.chainId, accounts, count, call));
  });
  progress(
    `${workload.name}: ${peer.name} did ${Math.round(figures.transactionsPerSecond)}/s ` +
      `(${figures.lastBlock - figures.firstBlock + 1} blocks, all taken after ${figures.sendSeconds.toFixed(1)} s)`,
  );
  return figures;
}

/** The settings of a load as they are printed with its figure. */
export function loadSettings(count: number, ...peers: readonly Peer[]): Settings {
  const load = { transactions: count, accounts: ACCOUNTS, lanes: LANES, batch: BATCH, warmUp: WARM_UP };
  return Object.assign(load, ...peers.map(({ settings }) => settings));
}

/** The transactions of all lanes, signed; each lane has its own accounts. */
export function signLanes(chainId: number, accounts: readonly LoadAccount[], count: number, call: CallOf) {
  const accountsPerLane = accounts.length / LANES;
  const countPerLane = Math.floor(count / LANES);
  return Array.from({ length: LANES }, (_, lane) => {
    const ofLane = accounts.slice(lane * accountsPerLane, (lane + 1) * accountsPerLane);
    return signLane(chainId, ofLane, countPerLane, (sender, index) => call(sender, lane * countPerLane + index));
  });
}
