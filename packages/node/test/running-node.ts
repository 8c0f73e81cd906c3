import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { developmentGenesis, type Genesis, type NodeOptions, startNode, ValidatorKey } from "@ruffchain/node";
import pino from "pino";
import { createPublicClient, createWalletClient, defineChain, type Hex, http } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { cometProgram } from "./engine/comet.js";

export const MNEMONIC = "test test test test test test test test test test test junk";
export const accounts = Array.from({ length: 5 }, (_, addressIndex) => mnemonicToAccount(MNEMONIC, { addressIndex }));
export const [alice, bob] = accounts as [(typeof accounts)[0], (typeof accounts)[0]];

export interface TestNodeOptions extends Partial<NodeOptions> {
  /** Genesis fields of the application. */
  readonly app?: Record<string, unknown>;
  /** "comet" runs a CometBFT beside the node. */
  readonly engine?: "solo" | "comet";
}

/** A node on free ports with a folder of its own, and viem clients for it. */
export async function startTestNode({ engine = "solo", ...options }: TestNodeOptions = {}) {
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), "ruff-node-"));
  const validator = (options.validator as ValidatorKey | undefined) ?? ValidatorKey.generate();
  const genesis: Genesis =
    options.genesis ??
    developmentGenesis({
      time: BigInt(Date.now()) * 1_000_000n,
      validator: validator.publicKey,
      accounts: accounts.map((account) => account.address),
      ...(options.app && { app: options.app }),
    });
  const validatorKeyFile = join(dataDirectory, "priv_validator_key.json");
  if (engine === "comet" && !existsSync(validatorKeyFile)) validator.save(validatorKeyFile);
  const p2pAddress = "tcp://127.0.0.1:0";
  const node = await startNode({
    ...(engine === "comet" && { comet: { program: cometProgram, validatorKeyFile, p2pAddress } }),
    rpcPort: 0,
    operatorPort: 0,
    blockTimeMs: 20,
    emptyBlockMs: 0,
    logger: pino({ level: "silent" }),
    ...options,
    dataDirectory,
    genesis,
    validator,
  });
  const url = `http://127.0.0.1:${node.rpcPort}`;
  const chain = defineChain({
    id: node.application.parameters().chainId,
    name: "test",
    nativeCurrency: { name: "RUFF", symbol: "RUFF", decimals: 18 },
    rpcUrls: { default: { http: [url], webSocket: [`ws://127.0.0.1:${node.rpcPort}`] } },
  });
  const client = createPublicClient({ chain, transport: http(url), pollingInterval: 20 });
  const wallet = createWalletClient({ account: alice, chain, transport: http(url) });
  /** The receipt of a transaction that succeeded; throws where it was reverted. */
  const confirmed = async (hash: Hex) => {
    const receipt = await client.waitForTransactionReceipt({ hash });
    if (receipt.status === "reverted") throw new Error(`${hash} was reverted: ${receipt.gasUsed} gas used`);
    return receipt;
  };
  return {
    node,
    url,
    chain,
    genesis,
    validator,
    dataDirectory,
    client,
    wallet,
    confirmed,
    /** The address of a contract with this code (hex without 0x, less than 256 bytes). */
    deploy: async (code: string) => {
      const size = (code.length / 2).toString(16).padStart(2, "0");
      const data: Hex = `0x60${size}600c60003960${size}6000f3${code}`;
      const { contractAddress } = await confirmed(await wallet.sendTransaction({ data, to: null }));
      return contractAddress as Hex;
    },
    /** One JSON-RPC call as bytes on the wire. */
    rpc: async (method: string, params: readonly unknown[] = []) => {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      const response = await fetch(url, { method: "POST", body, headers: { "content-type": "application/json" } });
      return (await response.json()) as { result?: unknown; error?: { code: number; message: string; data?: unknown } };
    },
    close: async () => {
      await node.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

export type TestNode = Awaited<ReturnType<typeof startTestNode>>;
export const lower = (hex: Hex) => hex.toLowerCase() as Hex;
