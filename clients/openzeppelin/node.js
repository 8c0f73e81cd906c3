// A node whose clock stands still until it is set: OpenZeppelin's tests say at which second the next block is.
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { developmentGenesis, startNode, ValidatorKey } from "@ruffchain/node";
import pino from "pino";
import { mnemonicToAccount } from "viem/accounts";

const MNEMONIC = "test test test test test test test test test test test junk";
const ACCOUNTS = 25;
const RPC_PORT = 18_600;
const CLOCK_PORT = 18_601;

let now = Date.now();
Date.now = () => now;

const validator = ValidatorKey.generate();
const accounts = Array.from(
  { length: ACCOUNTS },
  (_, addressIndex) => mnemonicToAccount(MNEMONIC, { addressIndex }).address,
);
await startNode({
  dataDirectory: mkdtempSync(join(tmpdir(), "ruff-openzeppelin-")),
  genesis: developmentGenesis({ time: BigInt(now) * 1_000_000n, validator: validator.publicKey, accounts }),
  validator,
  rpcPort: RPC_PORT,
  operatorPort: 0,
  blockTimeMs: 0,
  emptyBlockMs: 0,
  logger: pino({ level: "error" }, pino.destination(2)),
});
// GET /<seconds> sets the clock.
createServer(({ url = "" }, response) => {
  now = Number(url.slice(1)) * 1000;
  response.end();
}).listen(CLOCK_PORT, "127.0.0.1");
console.log(`ready on http://127.0.0.1:${RPC_PORT}`);
