import { bytesToHex, keccak256 } from "@ruffchain/kernel";
import { capabilitiesOf } from "./capabilities.js";
import { configOf } from "./config.js";
import { feeHistory } from "./fee-history.js";
import type { Methods } from "./method.js";
import { dataParam } from "./params.js";
import { quantity } from "./quantity.js";
import { suggestedTip } from "./suggested-tip.js";

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
  eth_gasPrice: (_, { application }) => quantity(application.nextBaseFee() + suggestedTip(application)),
  eth_maxPriorityFeePerGas: (_, { application }) => quantity(suggestedTip(application)),
  eth_blobBaseFee: () => "0x0",
  eth_baseFee: (_, { application }) => quantity(application.nextBaseFee()),
  eth_feeHistory: ([count, newest, percentiles], backend) => feeHistory(backend, count, newest, percentiles),
  eth_config: (_, backend) => ({ current: configOf(backend), next: null, last: null }),
  eth_capabilities: (_, backend) => capabilitiesOf(backend),
};
