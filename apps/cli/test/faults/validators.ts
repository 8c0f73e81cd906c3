import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeCommit, decodeHeader, type SignedHeader } from "@ruffchain/light";
import { encodeGenesis, type Genesis, loadGenesis, nodeId } from "@ruffchain/node";
import { type Hex, hexToBytes, toHex } from "viem";
import { cometProgram } from "../../../../packages/node/test/engine/comet.js";
import { freePort } from "../../../../packages/node/test/free-port.js";
import { writeNetwork } from "../../dist/testnet/network.js";
import { MAIN } from "../ruff.js";
import type { Hosts } from "./namespaces.js";

const ANSWER_LIMIT_MS = 10_000;
const LOG_TAIL = 2_000;
const [RPC_PORT, OPERATOR_PORT, PEER_PORT] = [8545, 9464, 26_656];

export interface NetworkOptions {
  readonly validators: number;
  readonly blockTimeMs: number;
  /** Where the validators run; on this machine's loopback interface where there are none. */
  readonly hosts?: Hosts | undefined;
  /** Where its folder is made; with those of temporary files where none is named. */
  readonly root?: string;
  readonly changeGenesis?: (genesis: Genesis) => Genesis;
  readonly options?: readonly string[];
}

/** What a JSON-RPC server answers when it refuses. */
export class Refusal extends Error {}

/** One validator of a network, with its CometBFT: a process that can be ended and started again. */
export class Validator {
  readonly folder: string;
  readonly peer: string;
  /** All that it has said: here, for its disk may be full. */
  log = "";
  readonly url: string;
  readonly #operatorUrl: string;
  readonly #command: (program: readonly string[]) => readonly [string, ...string[]];
  readonly #args: (peers: readonly string[]) => readonly string[];
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(
    member: { folder: string; id: string; rpcPort: number; operatorPort: number; p2pPort: number },
    index: number,
    { hosts, blockTimeMs, options = [] }: NetworkOptions,
  ) {
    this.folder = member.folder;
    const [address, peerAddress, ports] = hosts
      ? [hosts.address(index), hosts.peerAddress(index), [RPC_PORT, OPERATOR_PORT, PEER_PORT]]
      : ["127.0.0.1", "127.0.0.1", [member.rpcPort, member.operatorPort, member.p2pPort]];
    const [rpcPort, operatorPort, p2pPort] = ports.map(String);
    this.url = `http://${address}:${rpcPort}`;
    this.#operatorUrl = `http://${address}:${operatorPort}`;
    this.peer = `${member.id}@${peerAddress}:${p2pPort}`;
    this.#command = (program) => (hosts ? hosts.on(index, program) : (program as [string, ...string[]]));
    this.#args = (peers) => [
      ...["--data", member.folder, "--engine", "comet", "--private-network", "--log-level", "warn"],
      ...["--host", address as string, "--rpc-port", String(rpcPort), "--operator-port", String(operatorPort)],
      ...["--p2p", `${peerAddress}:${p2pPort}`, "--block-time", String(blockTimeMs), ...options],
      ...(peers.length > 0 ? ["--peers", ...peers] : []),
    ];
  }

  get runs(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it as `ruff node`, or as another program that takes the same arguments; resolves when it answers. */
  async start(peers: readonly string[], program = [MAIN, "node"], environment: NodeJS.ProcessEnv = {}): Promise<void> {
    const [command, ...args] = this.#command([process.execPath, ...program, ...this.#args(peers)]);
    const env = { ...process.env, RUFF_COMETBFT: cometProgram, ...environment };
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text: Buffer) => {
        this.log += text;
      });
    }
    this.#child = child;
    this.#ended = once(child, "close");
    while (!(await this.answers())) {
      if (!this.runs) throw new Error(`${this.folder} has ended:\n${this.log.slice(-LOG_TAIL)}`);
      await sleep(100);
    }
  }

  /** Ends the node, or its CometBFT, as a power cut would, and waits until both are gone. */
  async kill(what: "node" | "comet" = "node"): Promise<void> {
    if (!this.runs) return;
    const ended = this.ended();
    if (what === "comet") process.kill(this.#cometPid(), "SIGKILL");
    else this.#child?.kill("SIGKILL");
    await ended;
  }

  /** The code with which it ends. */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#child?.exitCode ?? null;
  }

  /** Ends it in good order, and waits for it. */
  async stop(): Promise<void> {
    if (!this.runs) return;
    this.#child?.kill("SIGTERM");
    await this.ended();
  }

  /** Rejects with Refusal where the node refuses, with another error where it does not answer. */
  async call<T>(method: string, ...params: readonly unknown[]): Promise<T> {
    const [answer] = await this.calls<T>([[method, ...params]]);
    if (answer instanceof Refusal) throw answer;
    return answer as T;
  }

  /** A batch of calls in one request, each with its result or what refuses it. */
  async calls<T>(calls: readonly (readonly [method: string, ...params: unknown[]])[]): Promise<(T | Refusal)[]> {
    const body = JSON.stringify(calls.map(([method, ...params], id) => ({ jsonrpc: "2.0", id, method, params })));
    // On a busy machine a node closes a connection that it finds idle, just when it is to be used again.
    const headers = { "content-type": "application/json", connection: "close" };
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const response = await fetch(this.url, { method: "POST", body, headers, signal });
    const answers = (await response.json()) as { id: number; result: T; error?: { message: string } }[];
    const ordered = answers.toSorted((a, b) => a.id - b.id);
    return ordered.map(({ result, error }) => (error ? new Refusal(error.message) : result));
  }

  async answers(): Promise<boolean> {
    return (
      this.runs &&
      (await this.height().then(
        () => true,
        () => false,
      ))
    );
  }

  async height(): Promise<number> {
    return Number(await this.call<Hex>("eth_blockNumber"));
  }

  async signedHeader(height: number): Promise<SignedHeader> {
    const { header, commit } = await this.call<{ header: Hex; commit: Hex }>("ruff_getCommit", toHex(height));
    return { header: decodeHeader(hexToBytes(header)), commit: decodeCommit(hexToBytes(commit)) };
  }

  /** The sum of a counter's values. */
  async metric(name: RegExp): Promise<number> {
    const text = await (await fetch(`${this.#operatorUrl}/metrics`)).text();
    return text.split("\n").reduce((sum, line) => (name.test(line) ? sum + Number(line.split(" ").at(-1)) : sum), 0);
  }

  #cometPid(): number {
    const home = join(this.folder, "comet");
    const pid = readdirSync("/proc").find((name) => {
      if (!/^\d+$/.test(name)) return false;
      const [program, ...args] = readCommand(name);
      return program === cometProgram && args.includes(home);
    });
    if (!pid) throw new Error(`no CometBFT runs in ${home}`);
    return Number(pid);
  }
}

/** A network of validators that this process runs, in a new folder. */
export class TestNetwork {
  readonly validators: readonly Validator[];
  readonly genesis: Genesis;
  readonly folder: string;
  readonly #options: NetworkOptions;

  private constructor(folder: string, genesis: Genesis, validators: readonly Validator[], options: NetworkOptions) {
    this.folder = folder;
    this.genesis = genesis;
    this.validators = validators;
    this.#options = options;
  }

  static async start(options: NetworkOptions): Promise<TestNetwork> {
    const { validators, blockTimeMs, root = tmpdir(), changeGenesis = (genesis) => genesis } = options;
    const folder = mkdtempSync(join(root, "ruff-faults-"));
    const { members } = await writeNetwork(folder, { validators, basePort: 0, blockTimeMs });
    const genesis = changeGenesis(loadGenesis(join(folder, "validator0", "genesis.json")));
    for (const member of members) writeFileSync(join(member.folder, "genesis.json"), encodeGenesis(genesis));
    const all = members.map((member, i) => new Validator(member, i, options));
    const network = new TestNetwork(folder, genesis, all, options);
    await Promise.all(all.map((validator) => network.start(validator)));
    await network.reaches(all, 1);
    return network;
  }

  get running(): readonly Validator[] {
    return this.validators.filter(({ runs }) => runs);
  }

  start(validator: Validator, program?: string[], environment?: NodeJS.ProcessEnv): Promise<void> {
    const peers = this.validators.filter((other) => other !== validator).map(({ peer }) => peer);
    return validator.start(peers, program, environment);
  }

  /** Starts a node that knows the genesis file and the validators' addresses, on the host after theirs. */
  async join(): Promise<Validator> {
    const folder = join(this.folder, "joining");
    mkdirSync(join(folder, "comet", "config"), { recursive: true });
    writeFileSync(join(folder, "genesis.json"), encodeGenesis(this.genesis));
    const [rpcPort = 0, operatorPort = 0, p2pPort = 0] = await Promise.all([freePort(), freePort(), freePort()]);
    const id = nodeId(join(folder, "comet", "config", "node_key.json"));
    const joining = new Validator(
      { folder, id, rpcPort, operatorPort, p2pPort },
      this.validators.length,
      this.#options,
    );
    await this.start(joining);
    return joining;
  }

  /** Waits until each of them has a block. */
  async reaches(validators: readonly Validator[], height: number): Promise<void> {
    await Promise.all(
      validators.map(async (validator) => {
        while ((await validator.height()) < height) await sleep(50);
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.validators.map((validator) => validator.kill()));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

function readCommand(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return []; // it has ended meanwhile
  }
}
