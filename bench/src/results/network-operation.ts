import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { loadAccounts } from "../load/account.js";
import { LANES, runLoad } from "../load/transaction-load.js";
import { ACCOUNTS, signLanes } from "../load/workload.js";
import { cometHeight, makeCometHomes } from "../networks/comet-homes.js";
import { loadComet } from "../networks/comet-load.js";
import { cometProgram } from "../networks/comet-program.js";
import { cosmosBank, cosmosTransactions } from "../networks/cosmos-bank.js";
import { costOf } from "../networks/processes.js";
import { type Member, ProgramNetwork } from "../networks/program-network.js";
import { type RuffNetworkOptions, startRuffNetwork } from "../networks/ruff-network.js";
import { progress } from "../progress.js";
import type { Benchmark } from "../result.js";
import { RpcClient } from "../rpc/rpc-client.js";
import { nativeTransfers } from "./native-transfers.js";

const VALIDATORS = 4;
const BLOCK_TIME_MS = 500;
const SNAPSHOT_INTERVAL = 5;
const MILLION = 1_000_000;
/** After the start, until just-in-time compilers have done their work on what an idle node does. */
const SETTLE_SECONDS = 10;
const IDLE_SECONDS = 20;
const POLL_MS = 20;
const LIMIT_MS = 300_000;
/** CometBFT's flag of a vote for the block. */
const VOTED = 2;

/** What a network costs who runs it: a node that joins, one that does nothing, one that comes back after kill -9. */
export const networkOperation: Benchmark = async ({ count }, report) => {
  const cometbft = cometProgram();
  progress(`o: a network that has done ${count} transfers …`);
  const ours = await operateOurs(count, cometbft);
  progress("o: one of the Cosmos SDK …");
  const cosmos = await operateCosmos(count, cometbft);
  const settings = { validators: VALIDATORS, transactions: count, blockTimeMs: BLOCK_TIME_MS };
  const lower = { better: "lower", peer: cosmos.name } as const;
  const perMillion = (seconds: number) => (seconds * MILLION) / count;
  const results = [
    [
      "a new node executes a million transfers",
      "s",
      perMillion(ours.replay.executing),
      perMillion(cosmos.replay.executing),
    ],
    [`a new node joins and executes ${count} transfers`, "s", ours.replay.joining, cosmos.replay.joining],
    ["from kill -9 of a validator until it has voted again", "s", ours.restart, cosmos.restart],
    ["processor of an idle validator", "% of one", ours.idle.percent, cosmos.idle.percent],
    ["memory of an idle validator", "MiB", ours.idle.mebibytes, cosmos.idle.mebibytes],
  ] as const;
  for (const [name, unit, figure, peerFigure] of results) {
    report({ name: `o: ${name}`, figure, unit, ...lower, peerFigure, settings });
  }
  const peer = "the same by executing all blocks";
  const name = "o: a new node joins from a snapshot";
  const [figure, peerFigure] = [ours.snapshot.joining, ours.replay.joining];
  report({ name, figure, unit: "s", better: "lower", peer, peerFigure, settings });
};

async function operateOurs(count: number, cometbft: string) {
  const accounts = loadAccounts(ACCOUNTS);
  const addresses = accounts.map(({ address }) => address);
  const options = { validators: VALIDATORS, accounts: addresses, cometbft, blockTimeMs: BLOCK_TIME_MS };
  const idle = await idleCostOfOurs(options);
  const { nodes, chainId, joining } = await startRuffNetwork({ ...options, snapshotInterval: SNAPSHOT_INTERVAL });
  const heightOf = (client: RpcClient) => client.blockNumber();
  try {
    const [port = 0] = nodes.ports;
    const call = await nativeTransfers.prepare({ port, chainId, stop: () => nodes.stop() }, accounts);
    await runLoad(port, signLanes(chainId, accounts, count, call), nodes.ports);
    progress("o: kill -9 of a validator …");
    const restart = await untilItVotes(nodes, VALIDATORS - 1);
    progress(`o: ${restart.toFixed(1)} s; a new node executes all blocks …`);
    const replay = await untilItHasAll(nodes, await joining(), heightOf);
    progress(`o: ${replay.joining.toFixed(1)} s; another begins from a snapshot …`);
    const client = new RpcClient(port, 1);
    const trustHeight = Number((await commitOf(client)).height) - 2 * SNAPSHOT_INTERVAL;
    const { block_id: trusted } = await commitOf(client, trustHeight);
    client.close();
    const snapshot = await untilItHasAll(
      nodes,
      await joining({
        rpcServers: nodes.ports.slice(0, 2).map((each) => `http://127.0.0.1:${each}`),
        trustHeight,
        trustHash: trusted.hash,
      }),
      heightOf,
    );
    return { idle, replay, snapshot, restart };
  } finally {
    await nodes.stop();
  }
}

async function operateCosmos(count: number, cometbft: string) {
  const chain = cosmosBank(ACCOUNTS);
  const homes = await makeCometHomes(chain, VALIDATORS, cometbft, BLOCK_TIME_MS);
  const nodes = await ProgramNetwork.start(homes.folder, homes.validators);
  try {
    const idle = await idleCost(nodes.process(0).pid);
    await loadComet(nodes.ports, cosmosTransactions(ACCOUNTS, LANES, 0, Math.floor(count / LANES)));
    const restart = await untilItVotes(nodes, VALIDATORS - 1);
    const replay = await untilItHasAll(nodes, homes.joining, cometHeight);
    return { name: chain.name, idle, replay, restart };
  } finally {
    await nodes.stop();
  }
}

/** Of a network without snapshots: those that are measured are taken much more often than anybody would. */
async function idleCostOfOurs(options: RuffNetworkOptions) {
  const { nodes } = await startRuffNetwork(options);
  try {
    return await idleCost(nodes.process(0).pid);
  } finally {
    await nodes.stop();
  }
}

async function idleCost(pid: number) {
  await sleep(1000 * SETTLE_SECONDS);
  const before = costOf(pid);
  await sleep(1000 * IDLE_SECONDS);
  const { seconds, bytes } = costOf(pid);
  return { percent: (100 * (seconds - before.seconds)) / IDLE_SECONDS, mebibytes: bytes / 2 ** 20 };
}

/** Seconds until a new node has the block that was the newest when it started: since then, and since its first block. */
async function untilItHasAll(
  nodes: ProgramNetwork,
  member: Member,
  heightOf: (client: RpcClient) => Promise<number>,
): Promise<{ readonly joining: number; readonly executing: number }> {
  const [known, joined] = [new RpcClient(nodes.ports[0] as number, 1), new RpcClient(member.port, 1)];
  try {
    const height = await heightOf(known);
    const start = performance.now();
    let first = start;
    const hasAll = until(async () => {
      const now = await heightOf(joined);
      if (now === 0) first = performance.now();
      return now >= height;
    });
    await Promise.all([nodes.add(member), hasAll]);
    const end = performance.now();
    return { joining: (end - start) / 1000, executing: (end - first) / 1000 };
  } finally {
    for (const client of [known, joined]) client.close();
  }
}

interface Commit {
  readonly height: string;
  readonly block_id: { readonly hash: string };
  readonly signatures: readonly { readonly validator_address: string; readonly block_id_flag: number }[];
}

/** Seconds from kill -9 of a validator until a block that came afterwards has its vote. */
async function untilItVotes(nodes: ProgramNetwork, node: number): Promise<number> {
  const { address } = JSON.parse(readFileSync(nodes.member(node).keyFile, "utf8")) as { address: string };
  const client = new RpcClient(nodes.ports[0] as number, 1);
  try {
    const start = performance.now();
    await nodes.process(node).kill();
    const from = Number((await commitOf(client)).height) + 2;
    const votes = async () => {
      const { height, signatures } = await commitOf(client);
      const voted = signatures.some((each) => each.validator_address === address && each.block_id_flag === VOTED);
      return Number(height) >= from && voted;
    };
    const voting = until(votes).then(() => (performance.now() - start) / 1000);
    const [seconds] = await Promise.all([voting, nodes.restart(node)]);
    return seconds;
  } finally {
    client.close();
  }
}

/** The commit of a height, or the newest: CometBFT's method, which our nodes answer as well. */
async function commitOf(client: RpcClient, height?: number): Promise<Commit> {
  const params = height === undefined ? {} : { height: String(height) };
  const call = { jsonrpc: "2.0", id: 1, method: "commit", params };
  const answer = JSON.parse(await client.post(Buffer.from(JSON.stringify(call))));
  if (answer.error) throw new Error(`commit: ${JSON.stringify(answer.error)}`);
  return answer.result.signed_header.commit;
}

/** A node that comes up, or is busy, may not answer: then it is asked again. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    try {
      if (await condition()) return;
    } catch (cause) {
      if (performance.now() > deadline) throw new Error("a node does not answer", { cause });
    }
    if (performance.now() > deadline) throw new Error("the network takes too long");
    await sleep(POLL_MS);
  }
}
