import { execFileSync, spawnSync } from "node:child_process";

/** Hosts on this machine, each a network namespace of its own, with a cable to this process and one to a switch. */
export interface Hosts {
  /** The command as it runs on a host. */
  on(host: number, command: readonly string[]): readonly [string, ...string[]];
  /** Where this process reaches a host. */
  address(host: number): string;
  /** Where the hosts reach it. */
  peerAddress(host: number): string;
  /** Puts the cables of these hosts into another switch: what is sent to the others is lost without a word. */
  separate(...hosts: readonly number[]): void;
  /** Puts all cables back. */
  reunite(): void;
  remove(): void;
}

/** Whether this process may make hosts: it needs Linux, root and iproute2. */
export const canMakeHosts = (() => {
  const name = `rufftry${process.pid}`;
  if (spawnSync("ip", ["netns", "add", name]).status !== 0) return false;
  ip("netns", "delete", name);
  return true;
})();

/** Makes so many hosts; names and addresses follow from this process, so that others can do the same beside it. */
export function makeHosts(count: number): Hosts {
  const network = `10.${64 + (process.pid % 128)}`;
  const prefix = `ruff${process.pid % 100_000}`;
  const [near, far] = [`${prefix}a`, `${prefix}b`];
  const nameOf = (host: number) => `${prefix}-${host}`;
  const cableOf = (host: number) => `${prefix}p${host}`;
  const all = Array.from({ length: count }, (_, host) => host);
  const remove = () => {
    for (const host of all) spawnSync("ip", ["netns", "delete", nameOf(host)]);
    for (const link of [near, far]) spawnSync("ip", ["link", "delete", link]);
  };
  const plug = (host: number, into: string) => ip("link", "set", cableOf(host), "master", into);
  const hosts: Hosts = {
    on: (host, command) => ["ip", "netns", "exec", nameOf(host), ...command],
    address: (host) => `${network}.${host}.2`,
    peerAddress: (host) => `${network}.200.${host + 1}`,
    separate: (...apart) => {
      for (const host of apart) plug(host, far);
    },
    reunite: () => {
      for (const host of all) plug(host, near);
    },
    remove,
  };
  try {
    for (const bridge of [near, far]) {
      ip("link", "add", bridge, "type", "bridge");
      ip("link", "set", bridge, "up");
    }
    for (const host of all) {
      const [name, ours] = [nameOf(host), `${prefix}m${host}`];
      ip("netns", "add", name);
      ip("link", "add", ours, "type", "veth", "peer", "name", "control", "netns", name);
      ip("link", "add", cableOf(host), "type", "veth", "peer", "name", "peers", "netns", name);
      ip("address", "add", `${network}.${host}.1/30`, "dev", ours);
      ip("-n", name, "address", "add", `${hosts.address(host)}/30`, "dev", "control");
      ip("-n", name, "address", "add", `${hosts.peerAddress(host)}/24`, "dev", "peers");
      for (const device of ["lo", "control", "peers"]) ip("-n", name, "link", "set", device, "up");
      for (const device of [ours, cableOf(host)]) ip("link", "set", device, "up");
      plug(host, near);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return hosts;
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
}
