import { bytesToHex, keccak256 } from "@ruffchain/kernel";
import { quantity } from "./format.js";
import type { Methods } from "./method.js";
import { blockParam, dataParam, quantityParam } from "./params.js";
import { invalidParams } from "./rpc-error.js";

/** Most blocks of one eth_feeHistory. */
export const MAX_FEE_HISTORY = 1024;
/** Wei per gas that a transaction should offer as tip. */
const SUGGESTED_TIP = 1_000_000_000n;

export const chainMethods: Methods = {
  web3_clientVersion: (_, { clientVersion }) => clientVersion,
  web3_sha3: ([data]) => bytesToHex(keccak256(dataParam(data, "data"))),
  net_version: (_, { application }) => String(application.parameters().chainId),
  net_listening: () => true,
  net_peerCount: async (_, backend) => quantity((await backend.networkStatus()).peers),
  eth_chainId: (_, { application }) => quantity(application.parameters().chainId),
  eth_syncing: async (_, backend) => {
    if (!(await backend.networkStatus()).catchingUp) return false;
    // How far the others are is not known before their blocks are here.
    const height = quantity(backend.application.head.height);
    return { startingBlock: "0x0", currentBlock: height, highestBlock: height };
  },
  eth_accounts: () => [],
  eth_blockNumber: (_, { application }) => quantity(application.head.height),
  eth_gasPrice: (_, { application }) => quantity(application.nextBaseFee() + SUGGESTED_TIP),
  eth_maxPriorityFeePerGas: () => quantity(SUGGESTED_TIP),
  eth_blobBaseFee: () => "0x0",
  eth_feeHistory: ([count, newest, percentiles = []], backend) => {
    const { application } = backend;
    if (!Array.isArray(percentiles)) throw invalidParams("percentiles: expected a list of numbers");
    const last = Math.min(blockParam(newest, backend), application.head.height);
    const blocks = Math.min(Number(quantityParam(count, "blockCount")), MAX_FEE_HISTORY, last + 1);
    const headers = Array.from({ length: blocks }, (_, i) => application.blocks.header(last - blocks + 1 + i));
    const known = headers.flatMap((header) => (header ? [header] : []));
    const next =
      last === application.head.height ? application.nextBaseFee() : application.blocks.header(last + 1)?.baseFeePerGas;
    return {
      oldestBlock: quantity(last - known.length + 1),
      baseFeePerGas: [...known.map((header) => quantity(header.baseFeePerGas)), quantity(next ?? 0n)],
      gasUsedRatio: known.map((header) => header.gasUsed / header.gasLimit),
      baseFeePerBlobGas: [...known, undefined].map(() => "0x0"),
      blobGasUsedRatio: known.map(() => 0),
      ...(percentiles.length > 0 && { reward: known.map(() => percentiles.map(() => quantity(SUGGESTED_TIP))) }),
    };
  },
};
