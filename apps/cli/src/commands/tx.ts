import { Command, Option } from "commander";
import { type Address, createWalletClient, type Hex, http, isAddress } from "viem";
import { loadAccount } from "../account.js";
import { parseArguments } from "../arguments.js";
import { CliError } from "../cli-error.js";
import { connect, jsonOption, rpcOption } from "../connection.js";
import { findContract, findFunction } from "../contracts.js";
import { decodeLog, eventText } from "../events.js";
import { explainFunctions } from "../function-help.js";
import { amountOf } from "../input.js";
import { note, print } from "../output.js";

interface Options {
  rpc: string;
  json: boolean;
  from?: string;
  passwordFile?: string;
  value: string;
}

/** `ruff tx`: signs a transaction and waits until it is final. */
export function txCommand(): Command {
  const command = new Command("tx")
    .description("sign a transaction, send it and wait until it is final (one block)")
    .argument("<contract>", "a contract (market, rights, …), a token's or pool's address, or \"send\" for plain RUFF")
    .argument("[function]", "the function to call; with send: the address to pay")
    .argument("[arguments...]", "the function's arguments in order; with send: the amount in RUFF")
    .option("--from <key>", "who signs: a name from `ruff keys list`, or dev:0 … dev:9 on a development chain")
    .option("--password-file <file>", "file with the key's password (else RUFF_PASSWORD, else it is asked for)")
    .addOption(new Option("--value <RUFF>", "RUFF to send along").default("0"))
    .addOption(rpcOption())
    .addOption(jsonOption())
    .action(run);
  return explainFunctions(
    command,
    "write",
    ["send"],
    `
Examples:
  $ ruff tx market --help                 what market can do
  $ ruff tx market book --help            what book takes
  $ ruff tx send 0x… 1.5 --from dev:0
  $ ruff tx assets register 1 WVWZZZ1JZXW000001 --from fleet
  $ ruff tx rights divide 7 1793570000 --from dev:1

A transaction that would revert is not sent; one that reverts all the same costs its gas. Either way it says why, and
nothing else changes.`,
  );
}

async function run(contractName: string, functionName: string | undefined, args: string[], options: Options) {
  const value = amountOf(options.value);
  const prepared = contractName === "send" ? payment(functionName, args) : callOf(contractName, functionName, args);
  if (options.from === undefined) throw new CliError("who signs? Add --from <key>: see ruff keys list, or dev:0");
  const account = await loadAccount(options.from, options.passwordFile);
  const client = await connect(options.rpc);
  const wallet = createWalletClient({ account, transport: http(options.rpc) });
  let hash: Hex;
  if ("to" in prepared) {
    hash = await wallet.sendTransaction({ ...prepared, chain: client.chain ?? null });
  } else {
    const { request } = await client.simulateContract({ ...prepared, value, account } as never);
    hash = await wallet.writeContract(request as never);
  }
  note(`sent ${hash}`);
  const receipt = await client.waitForTransactionReceipt({ hash });
  print(options, {
    status: receipt.status,
    height: receipt.blockNumber,
    hash,
    gasUsed: receipt.gasUsed,
    events: options.json ? receipt.logs.map(decodeLog) : receipt.logs.map(eventText),
  });
  if (receipt.status !== "success") process.exitCode = 1;
}

function payment(to: string | undefined, args: readonly string[]): { to: Address; value: bigint } {
  const [amount, ...more] = args;
  if (to === undefined || !isAddress(to) || amount === undefined || more.length > 0) {
    throw new CliError("send takes an address and an amount in RUFF: ruff tx send 0x… 1.5 --from <key>");
  }
  return { to, value: amountOf(amount) };
}

function callOf(contractName: string, functionName: string | undefined, args: readonly string[]) {
  const contract = findContract(contractName);
  const fn = findFunction(contract, functionName, "write");
  const errors = contract.abi.filter((item) => item.type === "error");
  return {
    address: contract.address,
    abi: [fn, ...errors],
    functionName: fn.name,
    args: parseArguments(fn, args),
  };
}
