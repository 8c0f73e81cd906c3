import type { Address } from "@ruffchain/abi";
import { developmentGenesis, startNode, ValidatorKey } from "@ruffchain/node";
import { pino } from "pino";

export interface RuffProcessOptions {
  readonly dataDirectory: string;
  readonly port: number;
  readonly blockTimeMs: number;
  readonly accounts: readonly Address[];
}

const { dataDirectory, port, blockTimeMs, accounts } = JSON.parse(process.argv[2] ?? "{}") as RuffProcessOptions;
const validator = ValidatorKey.generate();
const node = await startNode({
  dataDirectory,
  genesis: developmentGenesis({ time: BigInt(Date.now()) * 1_000_000n, validator: validator.publicKey, accounts }),
  validator,
  rpcPort: port,
  operatorPort: 0,
  blockTimeMs,
  emptyBlockMs: 1_000,
  logger: pino({ level: "warn" }),
});
process.once("SIGTERM", () => node.stop().then(() => process.exit(0)));
node.failed.then((error) => {
  console.error(error);
  process.exit(1);
});
