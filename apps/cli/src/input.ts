import { readFileSync } from "node:fs";
import { CliError } from "./cli-error.js";

const MAX_PORT = 65_535;

/** What people give in options and files, checked. Throws CliError. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new CliError(`expected a whole number, got "${text}"`);
  return number;
}

/** A whole number from 1. */
export function count(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new CliError("expected at least 1");
  return number;
}

/** The 32 bytes of a hash. */
export function hash(text: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new CliError(`expected a hash (0x and 64 hex digits), got "${text}"`);
  return Buffer.from(text.slice(2), "hex");
}

export function port(text: string): number {
  const number = wholeNumber(text);
  if (number > MAX_PORT) throw new CliError(`expected a port from 0 to ${MAX_PORT}, got ${text}`);
  return number;
}

export function readJson(file: string): unknown {
  const text = readFileSync(file, "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(`${file} is not JSON: ${(error as Error).message}`);
  }
}
