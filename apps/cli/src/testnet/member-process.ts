import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CliError } from "../cli-error.js";
import type { Member, Network } from "./network.js";

const MAIN = fileURLToPath(new URL("../main.js", import.meta.url));
const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 100;

/** Starts a validator in a process that outlives this one. */
export function startMember(member: Member, network: Network, cometbft: string): void {
  const peers = network.members
    .filter(({ id }) => id !== member.id)
    .map(({ id, p2pPort }) => `${id}@127.0.0.1:${p2pPort}`);
  const log = openSync(logFile(member), "a", 0o600);
  const child = spawn(
    process.execPath,
    [
      MAIN,
      ...["node", "--data", member.folder, "--engine", "comet", "--private-network", "--json", "--cometbft", cometbft],
      ...["--rpc-port", String(member.rpcPort), "--operator-port", String(member.operatorPort)],
      ...["--p2p", `127.0.0.1:${member.p2pPort}`, "--block-time", String(network.blockTimeMs)],
      ...(peers.length > 0 ? ["--peers", ...peers] : []),
    ],
    { detached: true, stdio: ["ignore", log, log] },
  );
  closeSync(log);
  if (child.pid !== undefined) writeFileSync(pidFile(member), String(child.pid));
  child.unref();
}

/** The process of a validator, if it runs. */
export function memberPid(member: Member): number | undefined {
  if (!existsSync(pidFile(member))) return undefined;
  const pid = Number(readFileSync(pidFile(member), "utf8"));
  // Another process can have got the number since.
  const { stdout, error } = spawnSync("ps", ["-ww", "-o", "stat=,args=", "-p", String(pid)], { encoding: "utf8" });
  if (error) throw new CliError("a network is looked after with ps, which is missing: install procps");
  const runs = stdout.includes(member.folder) && !stdout.trimStart().startsWith("Z");
  return runs ? pid : undefined;
}

/** Ends a validator in good order, and the hard way if it does not. Whether it ran. */
export async function stopMember(member: Member): Promise<boolean> {
  const pid = memberPid(member);
  if (pid === undefined) return false;
  process.kill(pid, "SIGTERM");
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (memberPid(member) !== undefined) {
    if (Date.now() > deadline) killMember(member);
    await sleep(POLL_MS);
  }
  return true;
}

/** Ends a validator as a power cut would. Its CometBFT ends by itself. Whether it ran. */
export function killMember(member: Member): boolean {
  const pid = memberPid(member);
  if (pid !== undefined) process.kill(pid, "SIGKILL");
  return pid !== undefined;
}

export function logFile({ folder }: Member): string {
  return join(folder, "node.log");
}

function pidFile({ folder }: Member): string {
  return join(folder, "node.pid");
}
