import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failureText } from "../dist/failure-text.js";
import { ruffProgram } from "../dist/program.js";
import { printed, ruff, startRuff } from "./ruff.js";

const folder = mkdtempSync(join(tmpdir(), "ruff-cli-"));
const keys = {
  RUFF_KEYS: join(folder, "keys"),
  RUFF_TRUST: join(folder, "trust"),
  RUFF_PASSWORD: "correct horse battery",
};
Object.assign(process.env, keys);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command that neither signs nor stays, in this process: what it printed, and with which words it failed. */
async function answerOf(args: readonly string[]): Promise<{ out: string; failure: string }> {
  let out = "";
  let failure = "";
  const program = await ruffProgram(args[0]);
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        out += text;
      },
      writeErr: (text) => {
        failure += text;
      },
    });
  }
  await program.parseAsync(args, { from: "user" }).catch((error: Error & { exitCode?: number }) => {
    if (error.exitCode === undefined) failure += failureText(error);
  });
  return { out, failure };
}

describe("help", () => {
  test("every command explains itself", async () => {
    const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
    for (const command of all(await ruffProgram())) {
      expect(command.description()).toMatch(/.{10}/);
      expect(command.helpInformation()).toMatch(new RegExp(`Usage: .*\\b${command.name()}\\b`));
    }
    const { code, out } = await ruff(["--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(/Start here:/);
  });

  test.each([
    [
      ["tx", "market", "--help"],
      /Functions of market:\n.*setRateCard <asset:uint256> <card:\{currency,.*\n(.*\n)* {2}book /,
    ],
    [
      ["tx", "market", "book", "--help"],
      /Usage: ruff tx market book <card> <from> <until> <area>\n(.*\n)* {2}until +uint64/,
    ],
    [["query", "assets", "--help"], /Functions of assets:\n(.*\n)* {2}ownerOf <tokenId:uint256>/],
    [["query", "head", "--help"], /Usage: ruff query \[options\]/],
  ])("ruff %j says what it takes", async (args, words) => {
    expect((await answerOf(args)).out).toMatch(words);
  });

  test.each([
    [["query", "nonsense"], /there is no contract "nonsense"\. Known: .*rights/],
    [["keys", "show", "nobody"], /there is no key "nobody"/],
    [["keys", "new", "../up"], /a key's name has letters/],
    [["node", "--data", join(folder, "empty"), "--rpc-port", "0"], /give --genesis <file>, or --dev/],
    [["node", "--rpc-port", "many"], /'--rpc-port <port>' argument 'many' is invalid\. Expected a whole number/],
    [
      ["node", "--rpc-port", "65536"],
      /'--rpc-port <port>' argument '65536' is invalid\. Expected a port from 0 to 65535/,
    ],
    [["node", "--keep-blocks", "0"], /'--keep-blocks <count>' argument '0' is invalid\. Expected at least 1/],
    [["restore", "state.ruff", "--trust-hash", "0x12"], /argument '0x12' is invalid\. Expected a hash/],
    [["query", "head", "--rpc", "http://127.0.0.1:9"], /no node answers at .*\n +Start one: +ruff node --dev\n/],
    [["query", "head", "--rpc", "nowhere"], /"nowhere" is not the address of a node/],
    [["query", "balance", "0x12"], /expected an address, got "0x12"/],
    [["query", "assets"], /which function\? assets has:\n +asset </],
    [["tx", "market", "sell"], /there is no function "sell"\. market has:/],
    [["tx", "market", "buy", "1"], /who signs\? Add --from <key>/],
    [["tx", "market", "buy", "1", "--from", "dev:10"], /dev:0 … dev:9, not dev:10/],
    [["tx", "send", "0x00000000000000000000000000000000000000aa"], /send takes an address and an amount/],
    [
      ["tx", "send", "0x00000000000000000000000000000000000000aa", "1x"],
      /expected an amount of RUFF like 1\.5, got "1x"/,
    ],
    [["tx"], /missing required argument 'contract'\nHelp: ruff tx --help/],
    [["keys", "delete", "nobody"], /required option '--yes' not specified\nHelp: ruff keys delete --help/],
    [["verify", "right", "1", "--genesis", join(folder, "none.json")], /there is no file or folder .*none\.json/],
  ])("error: ruff %j says what to do", async (args, words) => {
    const { failure } = await answerOf(args);
    expect(failure).toMatch(words);
    expect(failure).not.toMatch(/\n\s+at /);
  });
});

describe("keys", () => {
  test("are made, listed, shown and deleted; the file is encrypted and for its owner only", async () => {
    const made = await ruff(["keys", "new", "fleet", "--json"], keys);
    const { address, file } = JSON.parse(made.out);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toMatch(/"ciphertext"/);
    expect(JSON.parse((await ruff(["keys", "list", "--json"], keys)).out)).toStrictEqual([{ name: "fleet", address }]);
    expect((await ruff(["keys", "list"], keys)).out).toMatch(/name +address/);
    expect(made.err).toMatch(/encrypted with your password/);
    expect(made.err).toMatch(/ruff tx … --from fleet/);
    const again = await ruff(["keys", "new", "fleet"], keys);
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/there is a key "fleet" already/);
    expect((await ruff(["keys", "new", "short"], { ...keys, RUFF_PASSWORD: "short" })).err).toMatch(/8 characters/);
    expect((await ruff(["keys", "delete", "fleet", "--yes"], keys)).code).toBe(0);
    expect(readdirSync(keys.RUFF_KEYS)).toStrictEqual([]);
  });

  test("an imported key keeps its address and stands in no output", async () => {
    const secret = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
    const { out, err } = await ruff(["keys", "import", "known", "--json"], { ...keys, RUFF_PRIVATE_KEY: secret });
    expect(JSON.parse(out).address).toBe("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
    expect(out + err).not.toContain(secret.slice(2));
  });
});

describe("a running node", () => {
  const data = join(folder, "node");
  let node: ReturnType<typeof startRuff>;
  let rpc: string;
  beforeAll(async () => {
    node = startRuff([
      "node",
      "--dev",
      "--json",
      "--data",
      data,
      "--rpc-port",
      "0",
      "--operator-port",
      "0",
      "--block-time",
      "50",
      "--log-level",
      "warn",
    ]);
    rpc = JSON.parse(/\{.*\}/.exec(await printed(node, /\{.*\}\n/))?.[0] ?? "").rpc;
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => node.once("exit", resolve));
    node.kill("SIGTERM");
    await ended;
    expect(node.exitCode).toBe(0);
  });

  test("is paid, asked and verified", async () => {
    const to = "0x00000000000000000000000000000000000000aa";
    const sent = await ruff(["tx", "send", to, "1.5", "--from", "dev:0", "--rpc", rpc, "--json"]);
    expect(JSON.parse(sent.out)).toMatchObject({ status: "success", gasUsed: "21000" });
    expect((await ruff(["query", "balance", to, "--rpc", rpc])).out).toMatch(/RUFF +1\.5/);
    const registered = await ruff([
      "tx",
      "assets",
      "register",
      "1",
      "WVWZZZ1JZXW000001",
      "--from",
      "dev:1",
      "--rpc",
      rpc,
    ]);
    expect(registered.out).toMatch(/Registered/);
    const owner = await ruff(["query", "assets", "ownerOf", "1", "--rpc", rpc, "--json"]);
    expect(owner.out.toLowerCase()).toContain("0x70997970c51812dc3a010c7d01b50e0d17dc79c8");
    const key = `0x00${to.slice(2)}`;
    const verified = await ruff([
      "verify",
      "key",
      key,
      "--genesis",
      join(data, "genesis.json"),
      "--rpc",
      rpc,
      "--json",
    ]);
    const { value, steps } = JSON.parse(verified.out);
    expect(value).toMatch(/^0x/);
    expect(steps).toHaveLength(3);
    const absent = await ruff(["verify", "right", "7", "--genesis", join(data, "genesis.json"), "--rpc", rpc]);
    expect(absent.out).toMatch(/proven absent/);
  });

  test("error: a revert says the contract's own reason, a wrong number of arguments the usage", async () => {
    const again = await ruff([
      "tx",
      "assets",
      "setPayee",
      "999",
      "0x00000000000000000000000000000000000000aa",
      "--from",
      "dev:1",
      "--rpc",
      rpc,
    ]);
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/ERC721NonexistentToken|999/);
    const few = await ruff(["tx", "assets", "register", "1", "--from", "dev:1", "--rpc", rpc]);
    expect(few.err).toMatch(/register takes 2 arguments, got 1\. Usage: register <class:uint8> <identifier:string>/);
    const view = await ruff(["tx", "assets", "ownerOf", "1", "--from", "dev:1", "--rpc", rpc]);
    expect(view.err).toMatch(/use ruff query/);
  });

  test("error: an old header and one of validators that are not trusted are caught", async () => {
    const other = join(folder, "other");
    const genesis = join(other, "genesis.json");
    const ports = ["--rpc-port", "0", "--operator-port", "0"];
    const still = startRuff(["node", "--dev", "--json", "--data", other, ...ports, "--empty-block-time", "0"]);
    const { rpc: address } = JSON.parse(/\{"rpc.*\}/.exec(await printed(still, /\{"rpc.*\}\n/))?.[0] ?? "");
    const verify = (maxAge: string) =>
      ruff(["verify", "right", "1", "--genesis", genesis, "--rpc", address, "--max-age", maxAge]);
    let old = await verify("0");
    while (old.code === 0) old = await verify("0");
    expect(old.err).toMatch(/header 1 is \d+ s old, more than 0 s: .*--max-age \d+/);
    expect((await verify("3600")).out).toMatch(/it is \d+ s old\n/);
    const ended = new Promise((resolve) => still.once("exit", resolve));
    still.kill("SIGTERM");
    await ended;
    const lied = await ruff(["verify", "right", "1", "--genesis", genesis, "--rpc", rpc]);
    expect(lied.code).toBe(1);
    expect(lied.err).toMatch(/does not prove what it says/);
    const another = await ruff(["node", "--data", other, "--genesis", join(data, "genesis.json"), ...ports]);
    expect(another.err).toMatch(/holds another chain, ruff-7833/);
  });

  test("error: what is no number, and an anchor that is not there", async () => {
    const genesis = ["--genesis", join(data, "genesis.json"), "--rpc", rpc];
    const device = `0x${"00".repeat(32)}`;
    expect((await ruff(["verify", "anchor", device, "x", ...genesis])).err).toMatch(/an anchor has a number, not "x"/);
    const { code, err } = await ruff(["verify", "anchor", device, "1", ...genesis]);
    expect(code).toBe(1);
    const file = join(folder, "batch.json");
    for (const [text, words] of [
      ["{", /batch\.json is not JSON/],
      ["{}", /batch\.json is no evidence: .*\/proof/],
    ] as const) {
      writeFileSync(file, text);
      expect((await answerOf(["verify", "reading", file, "0x12", ...genesis])).failure).toMatch(words);
    }
    expect(err).toMatch(/^ruff: the chain has no anchor 1 of device 0x0+\n$/);
  });

  test.each(["", "/"])("error: a source of no contract, sent to an address that ends with '%s'", async (end) => {
    const file = join(folder, "input.json");
    writeFileSync(file, JSON.stringify({ language: "Solidity", sources: {} }));
    const nobody = "0x00000000000000000000000000000000000000ab";
    const args = ["verify-contract", nobody, file, "--contract", "Car.sol:Car", "--rpc", `${rpc}${end}`];
    expect((await answerOf(args)).failure).toBe(`not verified: there is no contract at ${nobody}`);
  });

  test("lists, structs and events go by their names", async () => {
    const registered = await ruff([
      "tx",
      "assets",
      "register",
      "1",
      "WVWZZZ1JZXW000002",
      "--from",
      "dev:2",
      "--rpc",
      rpc,
    ]);
    expect(registered.out).toMatch(/events +Transfer from=0x0+ to=0x3C44\w+ tokenId=\d+\n +Registered id=\d+ owner=/);
    const [, hash] = /hash +(0x\w+)/.exec(registered.out) ?? [];
    expect((await ruff(["query", "transaction", hash as string, "--rpc", rpc])).out).toMatch(
      /Registered id=\d+ owner=/,
    );
    const page = await ruff(["query", "assets", "assets", "0x", "10", "--rpc", rpc]);
    expect(page.out).toMatch(/^next +0x\n\npage:\nid +owner +payee/);
  });
});
