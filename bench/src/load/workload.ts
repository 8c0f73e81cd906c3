import { type Peer, type RunningPeer, type Settings, withPeer } from "../peers/peer.js";
import { progress } from "../progress.js";
import { RpcClient } from "../rpc/rpc-client.js";
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
  prepare(client: RpcClient, running: RunningPeer, accounts: readonly LoadAccount[]): Promise<CallOf>;
}

/** Starts the peer, prepares, warms up, and measures `count` transactions. */
export async function measure(peer: Peer, workload: Workload, count: number): Promise<LoadFigures> {
  const accounts = loadAccounts(ACCOUNTS);
  const addresses = accounts.map(({ address }) => address);
  progress(`${workload.name}: ${peer.name} …`);
  const figures = await withPeer(peer, addresses, async (running) => {
    const client = new RpcClient(running.port, 1);
    const call = await workload.prepare(client, running, accounts).finally(() => client.close());
    await runLoad(running.port, signLanes(running.chainId, accounts, WARM_UP, call));
    return runLoad(running.port, signLanes(running.chainId, accounts, count, call));
  });
  progress(
    `${workload.name}: ${peer.name} did ${Math.round(figures.transactionsPerSecond)}/s ` +
      `(taken after ${figures.sendSeconds.toFixed(1)} of ${figures.seconds.toFixed(1)} s, ${figures.blocks} blocks)`,
  );
  return figures;
}

/** The settings of a load as they are printed with its figure. */
export function loadSettings(count: number, ...peers: readonly Peer[]): Settings {
  const load = { transactions: count, accounts: ACCOUNTS, lanes: LANES, batch: BATCH, warmUp: WARM_UP };
  return Object.assign(load, ...peers.map(({ settings }) => settings));
}

function signLanes(chainId: number, accounts: readonly LoadAccount[], count: number, call: CallOf) {
  const perLane = accounts.length / LANES;
  return Array.from({ length: LANES }, (_, lane) =>
    signLane(chainId, accounts.slice(lane * perLane, (lane + 1) * perLane), Math.floor(count / LANES), call),
  );
}
