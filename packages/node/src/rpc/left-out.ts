const NO_KEYS = "the node has no keys: sign in a wallet and send with eth_sendRawTransaction";
const NOT_MINED = "blocks are decided by votes, nothing is mined";

/** What Ethereum's clients may ask for and this chain does not have, and what to use in its place. */
export const leftOut: Readonly<Record<string, string>> = {
  eth_getProof: "the state is no Merkle-Patricia trie: use ruff_getProof, which gives ICS23 proofs",
  eth_sendTransaction: NO_KEYS,
  eth_sign: NO_KEYS,
  eth_signTransaction: NO_KEYS,
  eth_signTypedData_v4: NO_KEYS,
  eth_coinbase: "each block has the proposer of its own: see miner in eth_getBlockByNumber",
  eth_mining: NOT_MINED,
  eth_hashrate: NOT_MINED,
  eth_getWork: NOT_MINED,
  eth_submitWork: NOT_MINED,
  eth_submitHashrate: NOT_MINED,
  eth_protocolVersion: "nodes do not speak Ethereum's protocol: see ruff_getCommit and docs/network.md",
  eth_getBlockAccessList: "blocks have no access lists (EIP-7928): use debug_traceBlockByNumber",
  debug_getRawBlockAccessList: "blocks have no access lists (EIP-7928): use debug_traceBlockByNumber",
};

/** The same for all methods of a name space. */
const leftOutSpaces: Readonly<Record<string, string>> = {
  engine: "consensus is CometBFT's, which has no engine API: see docs/network.md",
  admin: "a node is run by its command line: see docs/node.md",
  miner: NOT_MINED,
  personal: NO_KEYS,
  trace: "use debug_traceTransaction, debug_traceBlockByNumber and debug_traceCall with callTracer",
};

/** Why a method is not there; undefined for one that nobody knows. */
export function reasonLeftOut(method: string): string | undefined {
  if (Object.hasOwn(leftOut, method)) return leftOut[method];
  const space = method.slice(0, Math.max(method.indexOf("_"), 0));
  return Object.hasOwn(leftOutSpaces, space) ? leftOutSpaces[space] : undefined;
}
