import type { Address } from "@ruffchain/abi";
import { bytesToHex, hexToBytes } from "../hex.js";
import type { StateReader } from "../state/reader.js";
import { type Authorization, authorityOf } from "../transaction/authorization.js";
import { AUTHORIZATION_GAS } from "../transaction/intrinsic-gas.js";
import { type Account, type AccountWriter, readAccount, writeAccount } from "./account.js";
import { readCode, writeCode } from "./user-contract.js";

/** Before the address in the code of an account that runs another's (EIP-7702). */
const DESIGNATOR = Uint8Array.of(0xef, 0x01, 0x00);
const DESIGNATOR_BYTES = 23;
/** Of AUTHORIZATION_GAS given back where the account was there already. */
const KNOWN_ACCOUNT_REFUND = AUTHORIZATION_GAS - 12_500;
/** A nonce that cannot be counted up any more (EIP-2681). */
const LAST_NONCE = (1n << 64n) - 1n;
const NOBODY: Address = `0x${"00".repeat(20)}`;

/** Whose code an account runs by EIP-7702; undefined where it is its own, or there is none. */
export function delegateOf(state: Pick<StateReader, "get">, address: Address): Address | undefined {
  const code = readCode(state, address);
  const isDesignator = code.length === DESIGNATOR_BYTES && DESIGNATOR.every((byte, i) => code[i] === byte);
  return isDesignator ? bytesToHex(code.subarray(DESIGNATOR.length)) : undefined;
}

/** Whether an account may send transactions: it has no code of its own (EIP-3607, 7702). */
export function maySend(state: Pick<StateReader, "get">, address: Address, { codeHash }: Account): boolean {
  return codeHash === "0x" || delegateOf(state, address) !== undefined;
}

/**
 * Gives each authority that may have it the code it authorized, and passes over the others. Returns whom that has warmed,
 * and gas to refund. A system contract cannot be an authority: nobody has the key.
 */
export function applyAuthorizations(
  state: AccountWriter,
  chainId: number,
  authorizations: readonly Authorization[],
): { readonly warm: readonly Address[]; readonly refund: number } {
  const warm: Address[] = [];
  let refund = 0;
  for (const authorization of authorizations) {
    if (authorization.chainId !== 0n && authorization.chainId !== BigInt(chainId)) continue;
    if (authorization.nonce >= LAST_NONCE) continue;
    const authority = authorityOf(authorization);
    if (authority === undefined) continue;
    warm.push(authority);
    const account = readAccount(state, authority);
    if (!maySend(state, authority, account) || account.nonce !== authorization.nonce) continue;
    if (account.nonce > 0n || account.balance > 0n || account.codeHash !== "0x") refund += KNOWN_ACCOUNT_REFUND;
    const { address } = authorization;
    const code = address === NOBODY ? new Uint8Array(0) : Buffer.concat([DESIGNATOR, hexToBytes(address)]);
    writeAccount(state, authority, { ...account, nonce: account.nonce + 1n });
    writeCode(state, authority, code);
  }
  return { warm, refund };
}
