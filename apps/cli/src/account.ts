import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { HDAccount, PrivateKeyAccount } from "viem";
import { mnemonicToAccount, privateKeyToAccount } from "viem/accounts";
import { CliError } from "./cli-error.js";

/** Everybody knows these keys: they are for development chains only. */
export const DEVELOPMENT_MNEMONIC = "test test test test test test test test test test test junk";
export const DEVELOPMENT_ACCOUNTS = 10;

const MIN_PASSWORD_LENGTH = 8;

export function developmentAccount(index: number): HDAccount {
  return mnemonicToAccount(DEVELOPMENT_MNEMONIC, { addressIndex: index });
}

/** Where keystore files are: RUFF_KEYS, or a folder in the user's home. */
export function keysFolder(): string {
  return process.env.RUFF_KEYS ?? join(homedir(), ".ruff", "keys");
}

export function keyFile(name: string): string {
  if (!/^[\w-]{1,64}$/.test(name)) throw new CliError(`a key's name has letters, digits, - and _, not "${name}"`);
  return join(keysFolder(), `${name}.json`);
}

export function keyNames(): string[] {
  if (!existsSync(keysFolder())) return [];
  return readdirSync(keysFolder())
    .flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -5)] : []))
    .sort();
}

/** The account that signs: dev:N of a development chain, or a key by its name, which its password opens. */
export async function loadAccount(name: string, passwordFile?: string): Promise<HDAccount | PrivateKeyAccount> {
  const development = /^dev:(\d+)$/.exec(name);
  if (development) {
    const index = Number(development[1]);
    if (index < DEVELOPMENT_ACCOUNTS) return developmentAccount(index);
    throw new CliError(`a development chain has the accounts dev:0 … dev:${DEVELOPMENT_ACCOUNTS - 1}, not ${name}`);
  }
  const file = keyFile(name);
  if (!existsSync(file)) {
    const known = keyNames().join(", ") || "none";
    throw new CliError(`there is no key "${name}". Keys: ${known}. Make one with: ruff keys new ${name}`);
  }
  const { decryptKeystore, loadKeystore } = await import("@ruffchain/node");
  const key = await decryptKeystore(loadKeystore(file), await readPassword(passwordFile));
  return privateKeyToAccount(key.reveal());
}

/** From a file, RUFF_PASSWORD, or the terminal without showing it. */
export async function readPassword(file?: string): Promise<string> {
  return givenPassword(file) ?? ask("Password: ");
}

/** For a new key: as readPassword, typed twice. */
export async function readNewPassword(file?: string): Promise<string> {
  const given = givenPassword(file);
  const password = given ?? (await ask("New password: "));
  if (password.length < MIN_PASSWORD_LENGTH) {
    throw new CliError(`the password needs ${MIN_PASSWORD_LENGTH} characters or more`);
  }
  if (given === undefined && password !== (await ask("Once more: ")))
    throw new CliError("the two differ: nothing was made");
  return password;
}

function givenPassword(file: string | undefined): string | undefined {
  if (file) return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  return process.env.RUFF_PASSWORD;
}

async function ask(prompt: string): Promise<string> {
  if (!process.stdin.isTTY) throw new CliError("no password: give --password-file or set RUFF_PASSWORD");
  process.stderr.write(prompt);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  const password = await terminal.question("");
  terminal.close();
  process.stderr.write("\n");
  return password;
}
