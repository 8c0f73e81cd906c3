import { Command } from "commander";
import { formatEther, type Hex, isAddress, isHash } from "viem";
import { CliError } from "../cli-error.js";
import { connect, jsonOption, rpcOption } from "../connection.js";
import { contractsByName, findContract, findFunction, parseArguments, signature } from "../contracts.js";
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
      "a contract (rights, market, …), a token's address, or: contracts, head, balance, block, transaction",
    )
    .argument("[name]", "the view function; an address, a height or a hash")
    .argument("[arguments...]", "the function's arguments in order; arrays and structs as JSON")
    .addOption(rpcOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ruff query contracts                        all system contracts, their addresses and views
  $ ruff query assets ownerOf 1
  $ ruff query 0x5255464654…01 balanceOf 0x…    a token goes by its address
  $ ruff query balance 0x…
  $ ruff query block 12`,
    );
  command.action(async (what: string, name: string | undefined, args: string[], options: Options) => {
    print(options, await query(what, name, args, options));
  });
  return command;
}

async function query(what: string, name: string | undefined, args: string[], { rpc }: Options): Promise<unknown> {
  if (what === "contracts") return listContracts();
  const view = BUILT_IN.has(what) ? undefined : viewOf(what, name, args);
  const client = await connect(rpc);
  if (view) return client.readContract(view);
  switch (what) {
    case "head": {
      const block = await client.getBlock();
      return {
        height: block.number,
        hash: block.hash,
        time: new Date(Number(block.timestamp) * 1000).toISOString(),
        root: block.stateRoot,
      };
    }
    case "balance": {
      const address = needed(name, isAddress, "an address");
      const balance = await client.getBalance({ address });
      return { address, wei: balance, RUFF: formatEther(balance) };
    }
    case "block":
      return client.getBlock({
        blockNumber: BigInt(needed(name, (value): value is string => /^\d+$/.test(value), "a height")),
      });
    case "transaction":
      return client.getTransactionReceipt({ hash: needed(name, isHash, "a transaction hash") as Hex });
    default:
      throw new CliError(`cannot query ${what}`);
  }
}

/** What is asked of the chain itself, not of a contract. */
const BUILT_IN = new Set(["head", "balance", "block", "transaction"]);

function viewOf(contractName: string, name: string | undefined, args: string[]) {
  const contract = findContract(contractName);
  const fn = findFunction(contract, name ?? "", "view");
  return { address: contract.address, abi: [fn], functionName: fn.name, args: parseArguments(fn, args) };
}

function needed<T extends string>(value: string | undefined, check: (value: string) => value is T, expected: string): T;
function needed(value: string | undefined, check: (value: string) => boolean, expected: string): string;
function needed(value: string | undefined, check: (value: string) => boolean, expected: string): string {
  if (value === undefined || !check(value))
    throw new CliError(`expected ${expected}, got ${value === undefined ? "nothing" : `"${value}"`}`);
  return value;
}

function listContracts(): unknown {
  return [...contractsByName.values()].flatMap(({ name, address, abi }) =>
    abi.flatMap((item) =>
      item.type === "function" && (item.stateMutability === "view" || item.stateMutability === "pure")
        ? [{ contract: name, address, view: signature(item) }]
        : [],
    ),
  );
}
