import { crc32 } from "node:zlib";
import { HISTORY_STORAGE_ADDRESS, hexToBytes } from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { quantity } from "./quantity.js";
import { RpcError, rpcCode } from "./rpc-error.js";

/** Ethereum's precompiles under Osaka, in the names and order of EIP-7910. */
const PRECOMPILES = {
  BLAKE2F: 0x09,
  BLS12_G1ADD: 0x0b,
  BLS12_G1MSM: 0x0c,
  BLS12_G2ADD: 0x0d,
  BLS12_G2MSM: 0x0e,
  BLS12_MAP_FP2_TO_G2: 0x11,
  BLS12_MAP_FP_TO_G1: 0x10,
  BLS12_PAIRING_CHECK: 0x0f,
  BN254_ADD: 0x06,
  BN254_MUL: 0x07,
  BN254_PAIRING: 0x08,
  ECREC: 0x01,
  ID: 0x04,
  KZG_POINT_EVALUATION: 0x0a,
  MODEXP: 0x05,
  P256VERIFY: 0x100,
  RIPEMD160: 0x03,
  SHA256: 0x02,
} as const;

/** The rules in force (EIP-7910): the same since genesis, and without blobs. */
export function configOf({ application }: Backend) {
  const { blocks } = application;
  const genesis = blocks.block(blocks.first);
  if (!genesis || !/^0x0+$/.test(genesis.header.parentHash)) {
    const why =
      "the fork id is made of the genesis block, which this node does not have: ask one that keeps all blocks";
    throw new RpcError(rpcCode.prunedHistory, why);
  }
  return {
    activationTime: 0,
    blobSchedule: { target: 0, max: 0, baseFeeUpdateFraction: 0 },
    chainId: quantity(application.parameters().chainId),
    // EIP-6122 with no fork after genesis.
    forkId: `0x${crc32(hexToBytes(genesis.hash)).toString(16).padStart(8, "0")}`,
    precompiles: Object.fromEntries(
      Object.entries(PRECOMPILES).map(([name, number]) => [name, `0x${number.toString(16).padStart(40, "0")}`]),
    ),
    systemContracts: { HISTORY_STORAGE_ADDRESS },
  };
}
