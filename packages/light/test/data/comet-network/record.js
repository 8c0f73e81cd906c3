// Runs a network of four CometBFT validators with the built-in kvstore, changes its validators, and records what a light
// client sees: node record.js <path of cometbft>. Ports 36656 to 36663 must be free.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const [program] = process.argv.slice(2);
const NODES = [0, 1, 2, 3];
const FIRST_PORT = 36656;
const folder = mkdtempSync(join(tmpdir(), "comet-network-"));
const home = (node) => join(folder, `node${node}`);
const comet = (...args) => spawnSync(program, args, { encoding: "utf8" }).stdout.trim();
const rpcPort = (node) => FIRST_PORT + 4 + node;

async function call(method, params = {}, node = 0) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(`http://127.0.0.1:${rpcPort(node)}`, { method: "POST", body });
  const { result, error } = await response.json();
  if (error) throw new Error(`${method}: ${error.message} ${error.data}`);
  return result;
}
const height = () => call("status").then(({ sync_info }) => Number(sync_info.latest_block_height), () => 0);
async function reach(wanted) {
  while ((await height()) < wanted) await sleep(50);
}

comet("testnet", "--v", "4", "--o", folder, "--populate-persistent-peers=false");
const ids = NODES.map((node) => comet("show-node-id", "--home", home(node)));
const keys = NODES.map((node) => {
  const file = JSON.parse(readFileSync(join(home(node), "config/priv_validator_key.json"), "utf8"));
  return file.pub_key.value;
});
for (const node of NODES) {
  const file = join(home(node), "config/config.toml");
  const peers = NODES.filter((other) => other !== node).map((other) => `${ids[other]}@127.0.0.1:${FIRST_PORT + other}`);
  const settings = {
    laddr: [`"tcp://127.0.0.1:${rpcPort(node)}"`, `"tcp://127.0.0.1:${FIRST_PORT + node}"`],
    persistent_peers: [`"${peers}"`],
    allow_duplicate_ip: ["true"],
    addr_book_strict: ["false"],
    pprof_laddr: ['""'],
    timeout_commit: ['"200ms"'],
  };
  const config = readFileSync(file, "utf8").replace(/^(\w+) = .*$/gm, (line, name) => {
    const value = settings[name]?.length > 1 ? settings[name].shift() : settings[name]?.[0];
    return value === undefined ? line : `${name} = ${value}`;
  });
  writeFileSync(file, config);
}
const start = (node) => spawn(program, ["node", "--home", home(node), "--proxy_app", "kvstore"], { stdio: "ignore" });
const running = NODES.map(start);

const setPower = (key, power) =>
  call("broadcast_tx_sync", { tx: Buffer.from(`val=ed25519!${key}!${power}`).toString("base64") });

try {
  await reach(4);
  for (const [node, power] of [40, 30, 20, 10].entries()) await setPower(keys[node], power);
  await reach(12);
  await setPower(keys[3], 0);
  await reach(18);
  // A validator that never votes.
  await setPower(randomBytes(32).toString("base64"), 10);
  await reach(22);
  running[2].kill("SIGKILL");
  await reach(25);
  running[2] = start(2);
  await setPower(keys[3], 400);
  await reach(36);

  const newest = (await height()) - 1;
  const heights = Array.from({ length: newest }, (_, index) => index + 1);
  const blocks = [];
  const sets = {};
  for (const at of heights) {
    const { signed_header } = await call("commit", { height: String(at) });
    blocks.push(signed_header);
    const { validators } = await call("validators", { height: String(at + 1), per_page: "100" });
    sets[signed_header.header.next_validators_hash] = { validators };
    if (at === 1) {
      const first = await call("validators", { height: "1", per_page: "100" });
      sets[signed_header.header.validators_hash] = { validators: first.validators };
    }
  }
  const { genesis } = await call("genesis");
  const version = (await call("status")).node_info.version;
  const lines = blocks.map((block) => `    ${JSON.stringify(block)}`).join(",\n");
  const setLines = Object.entries(sets).map(([hash, set]) => `    "${hash}": ${JSON.stringify(set)}`);
  writeFileSync(
    new URL("network.json", import.meta.url),
    `{\n  "version": "${version}",\n  "genesis": ${JSON.stringify(genesis)},\n  "sets": {\n${setLines.join(",\n")}\n  },\n  "blocks": [\n${lines}\n  ]\n}\n`,
  );
} finally {
  for (const child of running) child.kill("SIGKILL");
  await sleep(200);
  rmSync(folder, { recursive: true, force: true });
}
