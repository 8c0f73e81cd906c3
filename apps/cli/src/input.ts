import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";
import { parseEther } from "viem";
import { CliError } from "./cli-error.js";

const MAX_PORT = 65_535;

/** Values of options and arguments, checked. Throws InvalidArgumentError, to which commander adds the option and the value. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) throw new InvalidArgumentError("Expected a whole number.");
  return number;
}

/** A whole number from 1. */
export function count(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError("Expected at least 1.");
  return number;
}

/** The 32 bytes of a hash. */
export function hash(text: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new InvalidArgumentError("Expected a hash: 0x and 64 hex digits.");
  return Buffer.from(text.slice(2), "hex");
}

export function port(text: string): number {
  const number = wholeNumber(text);
  if (number > MAX_PORT) throw new InvalidArgumentError(`Expected a port from 0 to ${MAX_PORT}.`);
  return number;
}

/** Wei of an amount of RUFF. Throws CliError where it is none. */
export function amountOf(text: string): bigint {
  if (!/^\d+(\.\d{1,18})?$/.test(text)) throw new CliError(`expected an amount of RUFF like 1.5, got "${text}"`);
  return parseEther(text);
}

/** A JSON file of the user's. Throws CliError where it is none. */
export function readJson(file: string): unknown {
  const text = readFileSync(file, "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(`${file} is not JSON: ${(error as Error).message}`);
  }
}
