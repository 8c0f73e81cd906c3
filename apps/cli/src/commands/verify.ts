import { decodeRight, rightKey } from "@ruffchain/light";
import { Command } from "commander";
import { type Hex, hexToBytes, isHex, toHex } from "viem";
import { CliError } from "../cli-error.js";
import { jsonOption, rpcOption } from "../connection.js";
import { readJson, wholeNumber } from "../input.js";
import { print } from "../output.js";
import {
  MAX_HEADER_AGE_SECONDS,
  parseEvidence,
  type Trust,
  trustFrom,
  verifiedAnchor,
  verifiedBatch,
  verifiedRead,
} from "../verified-state.js";

interface Options {
  rpc: string;
  json: boolean;
  genesis: string;
  maxAge: number;
}

/** `ruff verify`: a light client for people. */
export function verifyCommand(): Command {
  const verify = new Command("verify")
    .description("check what a node says, without trusting it: signed header, proof, signature")
    .addHelpText(
      "after",
      `
The genesis file says whom you trust: its validators. A node that lies, or hides its newest blocks, is caught, and this
ends with an error.
  $ ruff verify right 1 --genesis genesis.json
  $ ruff verify anchor 0x… 1 --genesis genesis.json
  $ curl -s http://127.0.0.1:PORT/v1/batches/1/proof > batch.json    (from a device's door)
  $ ruff verify reading batch.json 0x… --genesis genesis.json
  $ ruff verify key 0x00… --genesis genesis.json                    (docs/state.md has the keys)`,
    );
  const command = (usage: string, description: string) =>
    verify
      .command(usage)
      .description(description)
      .requiredOption("--genesis <file>", "genesis file of the chain: a node keeps it in its folder")
      .option("--max-age <seconds>", "how old the newest header may be", wholeNumber, MAX_HEADER_AGE_SECONDS)
      .addOption(rpcOption())
      .addOption(jsonOption());

  command("right <id>", "a right as a car sees it").action(async (id: string, { rpc, json, ...trust }: Options) => {
    const key = rightKey(number(id, "a right"));
    const steps: string[] = [];
    const { value, header } = await verifiedRead(rpc, trustOf(trust), key, steps);
    print({ json }, { right: value ? decodeRight(value) : "there is no such right", height: header.height, steps });
  });
  command("anchor <device> <sequence>", "a device's anchor").action(
    async (device: string, sequence: string, { rpc, json, ...trust }: Options) => {
      const of = [bytes(device, 32), number(sequence, "an anchor")] as const;
      const steps: string[] = [];
      const { anchor, header } = await verifiedAnchor(rpc, trustOf(trust), ...of, steps);
      print({ json }, { anchor, height: header.height, steps });
    },
  );
  command("reading <file> <publicKey>", "a batch of readings with its proof, as a device's door gives it").action(
    async (file: string, publicKey: string, { rpc, json, ...trust }: Options) => {
      const evidence = parseEvidence(readJson(file), file);
      const key = hexToBytes(bytes(publicKey));
      const steps: string[] = [];
      const { batch, header } = await verifiedBatch(rpc, trustOf(trust), evidence, key, steps);
      print({ json }, { readings: batch.pack.records, base: batch.pack.baseName, height: header.height, steps });
    },
  );
  command("key <key>", "any state key").action(async (key: string, { rpc, json, ...trust }: Options) => {
    const stateKey = hexToBytes(bytes(key));
    const steps: string[] = [];
    const { value, header } = await verifiedRead(rpc, trustOf(trust), stateKey, steps);
    print({ json }, { value: value ? toHex(value) : "absent", height: header.height, steps });
  });
  return verify;
}

function trustOf({ genesis, maxAge }: Pick<Options, "genesis" | "maxAge">): Trust {
  return trustFrom(genesis, maxAge);
}

function number(text: string, what: string): bigint {
  if (!/^\d+$/.test(text)) throw new CliError(`${what} has a number, not "${text}"`);
  return BigInt(text);
}

function bytes(text: string, length?: number): Hex {
  if (!isHex(text) || text.length % 2 !== 0 || (length !== undefined && text.length !== 2 + 2 * length)) {
    throw new CliError(`expected 0x and ${length === undefined ? "pairs of" : 2 * length} hex digits, got "${text}"`);
  }
  return text;
}
