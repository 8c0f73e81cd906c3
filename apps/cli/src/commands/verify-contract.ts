import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { createPublicClient, http, isAddress } from "viem";
import { CliError } from "../cli-error.js";
import { jsonOption, rpcOption } from "../connection.js";
import { readJson } from "../input.js";
import { print } from "../output.js";

interface Options {
  rpc: string;
  json: boolean;
  contract: string;
  compiler: string;
}

/** The answers of Sourcify's API that are looked at here. */
interface Answer {
  readonly verificationId?: string;
  readonly isJobCompleted?: boolean;
  readonly contract?: { readonly match: string | null };
  readonly error?: { readonly message: string };
  readonly message?: string;
}

const POLL_MS = 200;
/** The compiler that nodes have. */
const COMPILER = "0.8.37";

/** `ruff verify-contract`: submits a contract's source to a node, which compiles it and compares. */
export function verifyContractCommand(): Command {
  return new Command("verify-contract")
    .description("show the source of a deployed contract: a node compiles it and compares")
    .argument("<address>", "where the contract is")
    .argument("<file>", "Solidity's standard JSON input")
    .requiredOption("--contract <path:name>", "which contract of it, as contracts/Logbook.sol:Logbook")
    .option("--compiler <version>", "version of solc", COMPILER)
    .addOption(rpcOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
exact_match says that sources, comments and settings are those that the contract was compiled from; match, that they
compile to the same code. Any client reads them by ruff_getSource. The node must run with --verify-sources (or --dev).
  $ ruff verify-contract 0x… build/input.json --contract contracts/Logbook.sol:Logbook
  $ forge verify-contract 0x… Logbook --show-standard-json-input > input.json     (Foundry writes one)`,
    )
    .action(async (address: string, file: string, { rpc, json, contract, compiler }: Options) => {
      if (!isAddress(address, { strict: false })) throw new CliError(`"${address}" is not an address`);
      const api = `${rpc.replace(/\/+$/, "")}/v2/verify`;
      const chain = await createPublicClient({ transport: http(rpc) }).getChainId();
      const submission = { stdJsonInput: readJson(file), contractIdentifier: contract, compilerVersion: compiler };
      const { verificationId } = await call(`${api}/${chain}/${address}`, JSON.stringify(submission));
      for (;;) {
        const { isJobCompleted, error, contract: result } = await call(`${api}/${verificationId}`);
        if (error) throw new CliError(`not verified: ${error.message}`);
        if (isJobCompleted) return print({ json }, { address, contract, match: result?.match });
        await sleep(POLL_MS);
      }
    });
}

/** Throws CliError with the node's own words. */
async function call(url: string, body?: string): Promise<Answer> {
  const response = await fetch(url, body === undefined ? {} : { method: "POST", body });
  const answer = (await response.json()) as Answer;
  if (!response.ok) throw new CliError(`not verified: ${answer.message}`);
  return answer;
}
