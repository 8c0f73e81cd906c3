import { Command, Option } from "commander";
import { type Abi, createWalletClient, decodeEventLog, type Hex, http, isAddress, type Log, parseEther } from "viem";
import { loadAccount } from "../account.js";
import { CliError } from "../cli-error.js";
import { connect, jsonOption, rpcOption } from "../connection.js";
import { contractsByName, findContract, findFunction, parseArguments } from "../contracts.js";
import { note, print } from "../output.js";

interface Options {
  rpc: string;
  json: boolean;
  from: string;
  passwordFile?: string;
  value: string;
}

/** `ruff tx`: signs a transaction and waits until it is final. */
export function txCommand(): Command {
  return new Command("tx")
    .description("sign a transaction, send it and wait until it is final (one block)")
    .argument("<contract>", 'a contract (market, rights, …), a token\'s address, or "send" for plain RUFF')
    .argument("<function>", "the function to call; with send: the address to pay")
    .argument("[arguments...]", "the function's arguments in order; with send: the amount in RUFF")
    .requiredOption("--from <key>", "who signs: a name from `ruff keys list`, or dev:0 … dev:9 on a development chain")
    .option("--password-file <file>", "file with the key's password (else RUFF_PASSWORD, else it is asked for)")
    .addOption(new Option("--value <RUFF>", "RUFF to send along").default("0"))
    .addOption(rpcOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ruff tx send 0x… 1.5 --from dev:0
  $ ruff tx assets register 1 0x… --from fleet
  $ ruff tx rights divide 7 1793570000 --from dev:1

A transaction that reverts costs its gas and says why; nothing else changes.`,
    )
    .action(async (contractName: string, functionName: string, args: string[], options: Options) => {
      const client = await connect(options.rpc);
      const account = await loadAccount(options.from, options.passwordFile);
      const wallet = createWalletClient({ account, transport: http(options.rpc) });
      const value = parseEther(options.value);
      let hash: Hex;
      if (contractName === "send") {
        if (!isAddress(functionName)) throw new CliError(`send takes an address and an amount, got "${functionName}"`);
        hash = await wallet.sendTransaction({
          to: functionName,
          value: parseEther(args[0] ?? "0"),
          chain: client.chain ?? null,
        });
      } else {
        const contract = findContract(contractName);
        const fn = findFunction(contract, functionName, "write");
        const call = {
          address: contract.address,
          abi: [fn, ...contract.abi.filter((item) => item.type === "error")],
          functionName: fn.name,
          args: parseArguments(fn, args),
          value,
          account,
        } as const;
        const { request } = await client.simulateContract(call as never);
        hash = await wallet.writeContract(request as never);
      }
      note(`sent ${hash}`);
      const receipt = await client.waitForTransactionReceipt({ hash });
      print(options, {
        status: receipt.status,
        height: receipt.blockNumber,
        hash,
        gasUsed: receipt.gasUsed,
        events: receipt.logs.map(describeLog),
      });
      if (receipt.status !== "success") process.exitCode = 1;
    });
}

function describeLog(log: Log): unknown {
  const known = [...contractsByName.values()].find((contract) => contract.address === log.address)?.abi;
  const abi = known ?? (findContract(log.address).abi as Abi);
  try {
    const { eventName, args } = decodeEventLog({ abi, data: log.data, topics: log.topics });
    return { event: eventName, args };
  } catch {
    return { address: log.address, topics: log.topics, data: log.data };
  }
}
