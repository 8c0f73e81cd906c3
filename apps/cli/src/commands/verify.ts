import { decodeRight, rightKey } from "@ruffchain/light";
import { Command } from "commander";
import { type Hex, hexToBytes, isHex, toHex } from "viem";
import { CliError } from "../cli-error.js";
import { httpAddress, jsonOption, rpcOption } from "../connection.js";
import { readJson, wholeNumber } from "../input.js";
import { print } from "../output.js";
import {
  MAX_HEADER_AGE_SECONDS,
  TRUST_PERIOD_DAYS,
  type Trust,
  trustFolder,
  trustInBlock,
  trustInGenesis,
} from "../trusted-header.js";
import { parseEvidence, verifiedAnchor, verifiedBatch, verifiedRead } from "../verified-state.js";

interface TrustOptions {
  genesis?: string;
  trust?: string;
  maxAge: number;
  trustPeriod: number;
  witness: string[];
  report: boolean;
}

interface Options extends TrustOptions {
  rpc: string;
  json: boolean;
}

/** `ruff verify`: a light client for people. */
export function verifyCommand(): Command {
  const verify = new Command("verify")
    .description("check what a node says, without trusting it: signed header, proof, signature")
    .addHelpText(
      "after",
      `
Trust begins with the validators of a genesis file, or with a block whose height and hash you know from elsewhere
(ruff_getCommit gives them), and goes on from the newest block that was verified, kept in ~/.ruff/trust (RUFF_TRUST names
another folder). A node that lies, or hides its newest blocks, is caught, and this ends with an error.
  $ ruff verify right 1 --genesis genesis.json
  $ ruff verify right 1 --trust 123456:0x… --witness https://other.example --report
  $ ruff verify anchor 0x… 1 --genesis genesis.json
  $ curl -s http://127.0.0.1:PORT/v1/batches/1/proof > batch.json    (from a device's door)
  $ ruff verify reading batch.json 0x… --genesis genesis.json
  $ ruff verify key 0x00… --genesis genesis.json                    (docs/state.md has the keys)`,
    );
  const command = (usage: string, description: string) =>
    verify
      .command(usage)
      .description(description)
      .option("--genesis <file>", "genesis file of the chain: a node keeps it in its folder")
      .option("--trust <height:hash>", "a block to begin with, instead of a genesis file")
      .option(
        "--trust-period <days>",
        "how long its validators are trusted after a block",
        wholeNumber,
        TRUST_PERIOD_DAYS,
      )
      .option("--witness <url>", "another node, which must not have another block; may be given often", collect, [])
      .option("--report", "where it has another block, hand the evidence to both nodes", false)
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

function trustOf({ genesis, trust, maxAge, trustPeriod, witness, report }: TrustOptions): Trust {
  const folder = trustFolder();
  const limits = { maxAgeSeconds: maxAge, trustPeriodDays: trustPeriod, witnesses: witness, report, folder };
  if (genesis !== undefined && trust === undefined) return trustInGenesis(genesis, limits);
  const [, height, hash] = /^(\d{1,15}):(0x[0-9a-f]{64})$/i.exec(trust ?? "") ?? [];
  if (genesis !== undefined || height === undefined || hash === undefined) {
    throw new CliError("say whom to trust: --genesis <file>, or --trust <height>:<0x and 64 hex digits>");
  }
  return trustInBlock(Number(height), hash as Hex, limits);
}

function collect(url: string, others: string[]): string[] {
  return [...others, httpAddress(url)];
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
