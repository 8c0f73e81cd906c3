import { Command } from "commander";
import { type Block, formatEther, isAddress, isHash, type PublicClient, type TransactionReceipt } from "viem";
import { namedOutputs, parseArguments, signature } from "../arguments.js";
import { CliError } from "../cli-error.js";
import { connect, jsonOption, rpcOption } from "../connection.js";
import { contractsByName, findContract, findFunction, functionsOf } from "../contracts.js";
import { eventText } from "../events.js";
import { explainFunctions } from "../function-help.js";
import { print } from "../output.js";

interface Options {
  rpc: string;
  json: boolean;
}

/** `ruff query`: reads the chain. */
export function queryCommand(): Command {
  const command = new Command("query")
    .description("read the chain: a contract's view, a balance, a block, a transaction")
    .argument(
      "<what>",
      "a contract (rights, market, …), a token's or pool's address, or: contracts, head, balance, block, transaction",
    )
    .argument("[name]", "the view function; an address, a height or a hash")
    .argument("[arguments...]", "the function's arguments in order; arrays and structs as JSON")
    .addOption(rpcOption())
    .addOption(jsonOption())
    .action(async (what: string, name: string | undefined, args: string[], options: Options) => {
      print(options, await query(what, name, args, options));
    });
  return explainFunctions(
    command,
    "view",
    Object.keys(BUILT_IN),
    `
Examples:
  $ ruff query contracts                        all system contracts, their addresses and views
  $ ruff query market --help                    what market can be asked
  $ ruff query assets ownerOf 1
  $ ruff query assets assets 0x 10              lists come in pages: 0x begins, next goes on
  $ ruff query 0x5255464654…01 balanceOf 0x…    a token goes by its address
  $ ruff query balance 0x…
  $ ruff query block 12`,
  );
}

/** What is asked of the chain itself, not of a contract: checks its argument first, then asks. */
const BUILT_IN: Readonly<Record<string, (name: string | undefined, json: boolean) => Ask>> = {
  contracts: () => async () => listContracts(),
  head: () => async (client) => summary(await client().then((chain) => chain.getBlock())),
  balance: (name) => {
    const address = needed(name, isAddress, "an address");
    return async (client) => {
      const wei = await (await client()).getBalance({ address });
      return { address, wei, RUFF: formatEther(wei) };
    };
  },
  block: (name, json) => {
    const blockNumber = BigInt(needed(name, isHeight, "a height"));
    return async (client) => {
      const block = await (await client()).getBlock({ blockNumber });
      return json ? block : summary(block);
    };
  },
  transaction: (name, json) => {
    const hash = needed(name, isHash, "a transaction hash");
    return async (client) => {
      const receipt = await (await client()).getTransactionReceipt({ hash });
      return json ? receipt : receiptSummary(receipt);
    };
  },
};

type Ask = (client: () => Promise<PublicClient>) => Promise<unknown>;

function query(what: string, name: string | undefined, args: readonly string[], { rpc, json }: Options) {
  const builtIn = Object.hasOwn(BUILT_IN, what) ? BUILT_IN[what] : undefined;
  const ask = builtIn ? builtIn(name, json) : view(what, name, args);
  return ask(() => connect(rpc));
}

function view(contractName: string, name: string | undefined, args: readonly string[]): Ask {
  const contract = findContract(contractName);
  const fn = findFunction(contract, name, "view");
  const errors = contract.abi.filter((item) => item.type === "error");
  const call = {
    address: contract.address,
    abi: [fn, ...errors],
    functionName: fn.name,
    args: parseArguments(fn, args),
  };
  return async (client) => namedOutputs(fn, await (await client()).readContract(call));
}

function summary({ number, hash, timestamp, stateRoot, gasUsed, baseFeePerGas, transactions }: Block) {
  return {
    height: number,
    hash,
    time: new Date(Number(timestamp) * 1000).toISOString(),
    root: stateRoot,
    gasUsed,
    baseFee: baseFeePerGas,
    transactions,
  };
}

function receiptSummary({ status, blockNumber, from, to, gasUsed, effectiveGasPrice, logs }: TransactionReceipt) {
  return { status, height: blockNumber, from, to, gasUsed, gasPrice: effectiveGasPrice, events: logs.map(eventText) };
}

function isHeight(text: string): text is `${number}` {
  return /^\d+$/.test(text);
}

function needed<T extends string>(
  value: string | undefined,
  check: (value: string) => value is T,
  expected: string,
): T {
  if (value !== undefined && check(value)) return value;
  throw new CliError(`expected ${expected}, got ${value === undefined ? "nothing" : `"${value}"`}`);
}

function listContracts(): unknown {
  return [...contractsByName.values()].flatMap((contract) =>
    functionsOf(contract, "view").map((fn) => ({
      contract: contract.name,
      address: contract.address,
      view: signature(fn),
    })),
  );
}
