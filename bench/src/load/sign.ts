import type { Address, Hex } from "@ruffchain/abi";
import { bytesToHex, encodeRlp, hexToBytes, keccak256 } from "@ruffchain/kernel";
import secp256k1 from "secp256k1";
import type { LoadAccount } from "./account.js";

/** What one transaction of the load does. */
export interface LoadCall {
  readonly to: Address | undefined;
  readonly value: bigint;
  readonly data: Hex;
  readonly gas: number;
}

export interface SignedTransaction {
  readonly raw: Hex;
  readonly hash: Hex;
}

const EIP1559 = Uint8Array.of(2);
const PRIORITY_FEE = 1_000_000_000n;
/** High enough for blocks that stay full for the whole run. */
const MAX_FEE = 1_000_000_000_000n;
const NO_ACCESS_LIST: readonly never[] = [];

/** Signs an EIP-1559 transaction with the account's next nonce. */
export function signTransaction(chainId: number, account: LoadAccount, call: LoadCall): SignedTransaction {
  const to = call.to === undefined ? new Uint8Array() : hexToBytes(call.to);
  const head = [chainId, account.nonce++, PRIORITY_FEE, MAX_FEE, call.gas, to, call.value, hexToBytes(call.data)];
  const unsigned = Buffer.concat([EIP1559, encodeRlp([...head, NO_ACCESS_LIST])]);
  const { signature, recid } = secp256k1.ecdsaSign(keccak256(unsigned), account.privateKey);
  const r = BigInt(bytesToHex(signature.subarray(0, 32)));
  const s = BigInt(bytesToHex(signature.subarray(32)));
  const signed = Buffer.concat([EIP1559, encodeRlp([...head, NO_ACCESS_LIST, recid, r, s])]);
  return { raw: bytesToHex(signed), hash: bytesToHex(keccak256(signed)) };
}
