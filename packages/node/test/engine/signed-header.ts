import { decodeCommit, decodeHeader } from "@ruffchain/light";
import { type Hex, hexToBytes, toHex } from "viem";
import type { TestNode } from "../running-node.js";

/** As a light client gets it, over JSON-RPC. */
export async function signedHeader(chain: TestNode, height: number) {
  const { result } = await chain.rpc("ruff_getCommit", [toHex(height)]);
  const { header, commit } = result as { header: Hex; commit: Hex };
  return { header: decodeHeader(hexToBytes(header)), commit: decodeCommit(hexToBytes(commit)) };
}

/** As a light client learns them: from the genesis file. */
export function validatorsOf({ genesis }: TestNode) {
  return genesis.validators.map(({ publicKey, power }) => ({ publicKey: publicKey.bytes, power }));
}

export async function waitForHeight(chain: TestNode, height: number): Promise<void> {
  while (chain.node.application.head.height < height) await new Promise((resolve) => setTimeout(resolve, 10));
}
