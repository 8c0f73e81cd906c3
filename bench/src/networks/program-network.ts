import { rmSync } from "node:fs";
import type { NodeProcess } from "../peers/child.js";
import { costOf } from "./processes.js";

/** One node of a network on this machine: how it is started, and where it answers. */
export interface Member {
  /** Its JSON-RPC: ours, or CometBFT's. */
  readonly port: number;
  /** `priv_validator_key.json`. */
  readonly keyFile: string;
  /** Resolves when it answers. */
  start(): Promise<NodeProcess>;
}

/** Nodes of one network, each with its own processes; they never outlive this one. */
export class ProgramNetwork {
  readonly #folder: string;
  readonly #members: Member[];
  readonly #processes: NodeProcess[] = [];

  private constructor(folder: string, members: readonly Member[]) {
    this.#folder = folder;
    this.#members = [...members];
  }

  /** Starts all at once. The folder goes with the network. */
  static async start(folder: string, members: readonly Member[]): Promise<ProgramNetwork> {
    const network = new ProgramNetwork(folder, members);
    try {
      const starting = members.map(async (member, node) => {
        network.#processes[node] = await member.start();
      });
      await Promise.all(starting);
    } catch (error) {
      await network.stop();
      throw error;
    }
    return network;
  }

  get ports(): readonly number[] {
    return this.#members.map(({ port }) => port);
  }

  member(node: number): Member {
    return this.#members[node] as Member;
  }

  process(node: number): NodeProcess {
    return this.#processes[node] as NodeProcess;
  }

  /** Processor time that all of its processes have used so far, in seconds. */
  processorSeconds(): number {
    return this.#processes.reduce((sum, { pid }) => sum + costOf(pid).seconds, 0);
  }

  /** Starts a further node. */
  async add(member: Member): Promise<void> {
    this.#processes.push(await member.start());
    this.#members.push(member);
  }

  /** Starts a node again that has ended. */
  async restart(node: number): Promise<void> {
    this.#processes[node] = await this.member(node).start();
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.#processes).map((running) => running.stop()));
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
