import { existsSync, mkdirSync, rmSync } from "node:fs";
import { AccountKey, encryptKeystore, loadKeystore, saveKeystore } from "@ruffchain/node";
import { Command } from "commander";
import { getAddress } from "viem";
import {
  DEVELOPMENT_ACCOUNTS,
  developmentAccount,
  keyFile,
  keyNames,
  keysFolder,
  readNewPassword,
} from "../account.js";
import { CliError } from "../cli-error.js";
import { jsonOption } from "../connection.js";
import { note, print } from "../output.js";

interface Options {
  json: boolean;
  passwordFile?: string;
}

/** `ruff keys`: encrypted keystore files that geth and ethers read too (Web3 Secret Storage v3). */
export function keysCommand(): Command {
  const keys = new Command("keys").description("make, import and list the keys that sign transactions").addHelpText(
    "after",
    `
Keys are encrypted with a password and kept in ${keysFolder()} (RUFF_KEYS names another folder).
They are Web3 Secret Storage files: geth, ethers and wallets read them too. Back up the file and the password.
On a development chain no key is needed: sign with --from dev:0 … dev:9.`,
  );
  const password = [
    "--password-file <file>",
    "file with the password (else RUFF_PASSWORD, else it is asked for)",
  ] as const;

  keys
    .command("new <name>")
    .description("make a new key")
    .option(...password)
    .addOption(jsonOption())
    .action(async (name: string, options: Options) => store(name, AccountKey.generate(), options));
  keys
    .command("import <name>")
    .description("take in a private key; it is read from RUFF_PRIVATE_KEY, so that it stands in no history")
    .option(...password)
    .addOption(jsonOption())
    .action(async (name: string, options: Options) => {
      const secret = process.env.RUFF_PRIVATE_KEY;
      if (!secret || !/^0x[0-9a-fA-F]{64}$/.test(secret))
        throw new CliError("set RUFF_PRIVATE_KEY to 0x and 64 hex digits");
      await store(name, AccountKey.fromHex(secret as `0x${string}`), options);
    });
  keys
    .command("list")
    .description("all keys with their addresses")
    .option("--development", "the well-known accounts of development chains instead", false)
    .addOption(jsonOption())
    .action((options: Options & { development: boolean }) => {
      const stored = () => keyNames().map((name) => ({ name, address: addressOf(name) }));
      const development = () =>
        Array.from({ length: DEVELOPMENT_ACCOUNTS }, (_, i) => ({
          name: `dev:${i}`,
          address: developmentAccount(i).address,
        }));
      print(options, options.development ? development() : stored());
    });
  keys
    .command("show <name>")
    .description("one key's address")
    .addOption(jsonOption())
    .action((name: string, options: Options) =>
      print(options, { name, address: addressOf(name), file: keyFile(name) }),
    );
  keys
    .command("delete <name>")
    .description("remove a key file; without a copy the key is gone")
    .requiredOption("--yes", "you have a copy or do not need it")
    .action((name: string) => {
      addressOf(name);
      rmSync(keyFile(name));
      note(`removed ${keyFile(name)}`);
    });
  return keys;
}

async function store(name: string, key: AccountKey, options: Options): Promise<void> {
  const file = keyFile(name);
  if (existsSync(file)) throw new CliError(`there is a key "${name}" already: ${file}. Choose another name`);
  const password = await readNewPassword(options.passwordFile);
  mkdirSync(keysFolder(), { recursive: true, mode: 0o700 });
  saveKeystore(file, await encryptKeystore(key, password));
  print(options, { name, address: getAddress(key.address), file });
  note(`The key is in that file, encrypted with your password. Back up both: without them nobody can get it back.
Sign with it: ruff tx … --from ${name}`);
}

function addressOf(name: string): string {
  if (!keyNames().includes(name))
    throw new CliError(`there is no key "${name}". Keys: ${keyNames().join(", ") || "none"}`);
  return getAddress(`0x${loadKeystore(keyFile(name)).address?.replace(/^0x/, "")}`);
}
