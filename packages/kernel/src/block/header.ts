import { createHash } from "node:crypto";
import type { Address, Hex } from "@ruffchain/abi";
import { keccak256 } from "../crypto/keccak256.js";
import { bytesToHex, hexToBytes } from "../hex.js";
import { decodeRlp, encodeRlp, rlpBigint, rlpBytes, rlpList, rlpNumber } from "../rlp.js";
import { EMPTY_TRIE_ROOT } from "./ordered-trie-root.js";

/** keccak256(rlp([])): there are no uncles. */
export const EMPTY_UNCLES_HASH: Hex = bytesToHex(keccak256(encodeRlp([])));
/** sha256(""): there are no requests (EIP-7685). */
export const EMPTY_REQUESTS_HASH: Hex = `0x${createHash("sha256").digest("hex")}`;

/** An Ethereum header in the form of the Prague fork, without the fields that are the same in every block of this chain. */
export interface BlockHeader {
  readonly parentHash: Hex;
  readonly miner: Address;
  readonly stateRoot: Hex;
  readonly transactionsRoot: Hex;
  readonly receiptsRoot: Hex;
  readonly logsBloom: Uint8Array;
  readonly number: number;
  readonly gasLimit: number;
  readonly gasUsed: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly extraData: Uint8Array;
  /** prevRandao (EIP-4399). */
  readonly mixHash: Hex;
  /** In wei per gas. */
  readonly baseFeePerGas: bigint;
  readonly parentBeaconBlockRoot: Hex;
}

const UNCLES_HASH = hexToBytes(EMPTY_UNCLES_HASH);
const WITHDRAWALS_ROOT = hexToBytes(EMPTY_TRIE_ROOT);
const REQUESTS_HASH = hexToBytes(EMPTY_REQUESTS_HASH);
const NONCE = new Uint8Array(8);

/** RLP of the header: the fields of the yellow paper, then those of EIP-1559, 4895, 4844, 4788 and 7685. */
export function encodeHeader(header: BlockHeader): Uint8Array {
  return encodeRlp([
    hexToBytes(header.parentHash),
    UNCLES_HASH,
    hexToBytes(header.miner),
    hexToBytes(header.stateRoot),
    hexToBytes(header.transactionsRoot),
    hexToBytes(header.receiptsRoot),
    header.logsBloom,
    0, // difficulty
    header.number,
    header.gasLimit,
    header.gasUsed,
    header.timestamp,
    header.extraData,
    hexToBytes(header.mixHash),
    NONCE,
    header.baseFeePerGas,
    WITHDRAWALS_ROOT,
    0, // blobGasUsed
    0, // excessBlobGas
    hexToBytes(header.parentBeaconBlockRoot),
    REQUESTS_HASH,
  ]);
}

/** Reads what `encodeHeader` wrote. Throws RlpError. */
export function decodeHeader(encoded: Uint8Array): BlockHeader {
  const fields = rlpList(decodeRlp(encoded), 21);
  const hash = (index: number): Hex => bytesToHex(rlpBytes(fields[index], 32));
  return {
    parentHash: hash(0),
    miner: bytesToHex(rlpBytes(fields[2], 20)),
    stateRoot: hash(3),
    transactionsRoot: hash(4),
    receiptsRoot: hash(5),
    logsBloom: rlpBytes(fields[6], 256),
    number: rlpNumber(fields[8]),
    gasLimit: rlpNumber(fields[9]),
    gasUsed: rlpNumber(fields[10]),
    timestamp: rlpNumber(fields[11]),
    extraData: rlpBytes(fields[12]),
    mixHash: hash(13),
    baseFeePerGas: rlpBigint(fields[15]),
    parentBeaconBlockRoot: hash(19),
  };
}

/** The block hash of Ethereum. */
export function hashHeader(header: BlockHeader): Hex {
  return bytesToHex(keccak256(encodeHeader(header)));
}
