import type { Address } from "@ruffchain/abi";

/** Settings of a node that matter for its figures, as they are printed with them. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** A node that takes the load. */
export interface Peer {
  readonly name: string;
  readonly settings: Settings;
  /** Starts with an empty chain on which each of the accounts has money. */
  start(accounts: readonly Address[]): Promise<RunningPeer>;
}

export interface RunningPeer {
  readonly port: number;
  /** Of all its nodes, where it is a network. */
  readonly ports?: readonly number[];
  readonly chainId: number;
  stop(): Promise<void>;
}

/** Runs one action against a fresh node and stops the node whatever happens. An error says whose node it was. */
export async function withPeer<T>(
  peer: Peer,
  accounts: readonly Address[],
  action: (running: RunningPeer) => Promise<T>,
): Promise<T> {
  try {
    const running = await peer.start(accounts);
    try {
      return await action(running);
    } finally {
      await running.stop();
    }
  } catch (error) {
    throw new Error(`${peer.name}: ${(error as Error).message}`, { cause: error });
  }
}
