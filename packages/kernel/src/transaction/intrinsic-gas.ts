import type { Transaction } from "./transaction.js";

const TRANSACTION_GAS = 21_000;
const CREATION_GAS = 32_000; // EIP-2
const TOKEN_GAS = 4; // EIP-2028: a zero byte is one token, another byte four
const FLOOR_TOKEN_GAS = 10; // EIP-7623
const ACCESS_LIST_ADDRESS_GAS = 2_400; // EIP-2930
const ACCESS_LIST_KEY_GAS = 1_900;
const INITCODE_WORD_GAS = 2; // EIP-3860

/** Most bytes of initcode (EIP-3860). */
export const MAX_INITCODE_BYTES = 49_152;

/**
 * `gas` is paid before execution starts; `floor` is the least that the transaction pays in all (EIP-7623). Its gas limit
 * must cover both.
 */
export function intrinsicGas(tx: Pick<Transaction, "to" | "data" | "accessList">): { gas: number; floor: number } {
  const { data } = tx;
  let tokens = data.length * 4;
  for (let i = 0; i < data.length; i++) if (data[i] === 0) tokens -= 3;
  let gas = TRANSACTION_GAS + tokens * TOKEN_GAS;
  if (tx.to === null) gas += CREATION_GAS + Math.ceil(data.length / 32) * INITCODE_WORD_GAS;
  for (const { storageKeys } of tx.accessList) {
    gas += ACCESS_LIST_ADDRESS_GAS + storageKeys.length * ACCESS_LIST_KEY_GAS;
  }
  return { gas, floor: TRANSACTION_GAS + tokens * FLOOR_TOKEN_GAS };
}
