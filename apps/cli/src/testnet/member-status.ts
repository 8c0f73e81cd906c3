import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { CliError } from "../cli-error.js";
import { logFile, memberPid } from "./member-process.js";
import type { Member } from "./network.js";

const READY_TIMEOUT_MS = 120_000;
const POLL_MS = 100;
const LOG_TAIL = 2_000;

/** How a validator stands. What is undefined it does not answer. */
export interface MemberStatus {
  readonly validator: string;
  readonly state: "running" | "catching up" | "starting" | "stopped";
  readonly height: number | undefined;
  readonly peers: number | undefined;
  readonly pid: number | undefined;
  readonly rpc: string;
  readonly metrics: string;
  readonly p2p: string;
}

export async function memberStatus(member: Member): Promise<MemberStatus> {
  const rpc = `http://127.0.0.1:${member.rpcPort}`;
  const pid = memberPid(member);
  const [height, peers, syncing] = pid === undefined ? [] : await ask(rpc, METHODS);
  return {
    validator: member.name,
    state: stateOf(pid, height, syncing),
    height: height === undefined ? undefined : Number(height),
    peers: peers === undefined ? undefined : Number(peers),
    pid,
    rpc,
    metrics: `http://127.0.0.1:${member.operatorPort}/metrics`,
    p2p: `${member.id}@127.0.0.1:${member.p2pPort}`,
  };
}

/** Resolves when the validator takes part in making blocks. Throws CliError where it ends, or takes too long. */
export async function memberReady(member: Member): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const { state, height = 0 } = await memberStatus(member);
    if (state === "running" && height > 0) return;
    const tail = () => readFileSync(logFile(member), "utf8").slice(-LOG_TAIL).trim();
    if (memberPid(member) === undefined)
      throw new CliError(`${member.name} has ended. The last that it said:\n${tail()}`);
    if (Date.now() > deadline) throw new CliError(`${member.name} makes no blocks. The last that it said:\n${tail()}`);
    await sleep(POLL_MS);
  }
}

const METHODS = ["eth_blockNumber", "net_peerCount", "eth_syncing"];

function stateOf(pid: number | undefined, height: unknown, syncing: unknown): MemberStatus["state"] {
  if (pid === undefined) return "stopped";
  if (height === undefined || syncing === undefined) return "starting";
  return syncing === false ? "running" : "catching up";
}

/** The results in order; none where nobody answers. */
async function ask(url: string, methods: readonly string[]): Promise<unknown[]> {
  try {
    const calls = methods.map((method, id) => ({ jsonrpc: "2.0", id, method, params: [] }));
    const response = await fetch(url, {
      method: "POST",
      body: JSON.stringify(calls),
      headers: { "content-type": "application/json" },
    });
    const answers = (await response.json()) as { id: number; result?: unknown }[];
    return methods.map((_, id) => answers.find((answer) => answer.id === id)?.result);
  } catch {
    return [];
  }
}
