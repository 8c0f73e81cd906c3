import { ruffDevelopment } from "@ruffchain/abi";
import { Command, Option } from "commander";
import { type Address, createWalletClient, formatEther, http } from "viem";
import { loadAccount } from "../account.js";
import { CliError } from "../cli-error.js";
import { connect, jsonOption, rpcOption } from "../connection.js";
import { failureText } from "../failure-text.js";
import { Faucet } from "../faucet/faucet.js";
import { FaucetServer } from "../faucet/faucet-server.js";
import { amountOf, count, port, wholeNumber } from "../input.js";
import { note } from "../output.js";
import { untilStopped } from "../until-stopped.js";

const MINUTE_MS = 60_000;

interface Options {
  rpc: string;
  json: boolean;
  from: string;
  passwordFile?: string;
  chainId?: number;
  host: string;
  port: number;
  amount: string;
  every: number;
  limit: number;
}

/** `ruff faucet`: gives money of a development network away over HTTP. */
export function faucetCommand(): Command {
  return new Command("faucet")
    .description("give money of a development network away: who posts an address gets some")
    .option("--from <key>", "who pays: a name from `ruff keys list`, or dev:0 … dev:9", "dev:9")
    .option("--password-file <file>", "file with the key's password (else RUFF_PASSWORD, else it is asked for)")
    .option("--chain-id <id>", "a test network of your own with this chain id, not the development chain", wholeNumber)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .addOption(new Option("--port <port>", "port to listen on; 0 takes a free one").argParser(port).default(8546))
    .option("--amount <RUFF>", "what an address gets", "10")
    .addOption(new Option("--every <minutes>", "an address gets it once in so long").argParser(count).default(1440))
    .addOption(new Option("--limit <payments>", "most payments in that time").argParser(count).default(1000))
    .addOption(rpcOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ruff faucet
  $ curl -s http://127.0.0.1:8546 -d '{"address":"0x…"}'

It pays on the development chain only, or on a network whose chain id you name: what has a price is not given away.`,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const value = amountOf(options.amount);
  const client = await connect(options.rpc);
  const id = client.chain?.id;
  const wanted = options.chainId ?? ruffDevelopment.id;
  if (id !== wanted) {
    throw new CliError(
      `the node's chain id is ${id}, not ${wanted}: a faucet gives money away. For a test network of your own add --chain-id ${id}`,
    );
  }
  const account = await loadAccount(options.from, options.passwordFile);
  const wallet = createWalletClient({ account, transport: http(options.rpc) });
  const pay = async (to: Address) => {
    const hash = await wallet.sendTransaction({ to, value, chain: client.chain ?? null });
    const { status } = await client.waitForTransactionReceipt({ hash });
    if (status !== "success") throw new Error(`${hash} was reverted`);
    note(`paid ${options.amount} RUFF to ${to}`);
    return hash;
  };
  const limits = { period: options.every * MINUTE_MS, payments: options.limit };
  const server = new FaucetServer(new Faucet(limits, pay, Date.now), (error) => note(failureText(error)));
  const url = `http://${options.host}:${await server.listen(options.host, options.port)}`;
  if (options.json) process.stdout.write(`${JSON.stringify({ url, from: account.address, amount: options.amount })}\n`);
  else {
    const balance = await client.getBalance({ address: account.address });
    note(
      `faucet on ${url}: ${options.amount} RUFF an address, from ${account.address} with ${formatEther(balance)} RUFF`,
    );
  }
  await untilStopped();
  await server.close();
}
