import { Application, type ApplicationOptions, hexToBytes, MemoryStore } from "@ruffchain/kernel";
import { type Abi, type AccessList, encodeFunctionData, type Hex, type PrivateKeyAccount } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

export const CHAIN_ID = 7833;
export const GENESIS_TIME = 1_793_570_000_000_000_000n;
export const ETHER = 10n ** 18n;

export function newAccount(): PrivateKeyAccount {
  return privateKeyToAccount(generatePrivateKey());
}

interface Call {
  /** Absent where a contract is created. */
  to?: Hex;
  abi?: Abi;
  name?: string;
  args?: readonly unknown[];
  data?: Hex;
  accessList?: AccessList;
  value?: bigint;
  gas?: number;
  nonce?: number;
  maxFeePerGas?: bigint;
  chainId?: number;
}

/** A chain of the application over a store in memory, one block at a time. */
export async function openChain(
  options: Pick<ApplicationOptions, "contracts"> & Partial<ApplicationOptions>,
  alloc: readonly Hex[],
  genesis: Record<string, unknown> = {},
) {
  const store = options.store ?? new MemoryStore();
  const app = Application.open({ ...options, store });
  const appState = {
    evmChainId: CHAIN_ID,
    alloc: Object.fromEntries(alloc.map((a) => [a, String(100n * ETHER)])),
    ...genesis,
  };
  await app.initChain({
    time: GENESIS_TIME,
    chainId: "ruff-test",
    validators: [],
    appState: Buffer.from(JSON.stringify(appState)),
    initialHeight: 1,
  });
  let time = GENESIS_TIME;

  const proposal = (txs: readonly Uint8Array[], seconds: number) => {
    time += BigInt(seconds) * 1_000_000_000n;
    return {
      txs,
      height: app.head.height + 1,
      time,
      proposerAddress: new Uint8Array(20).fill(7),
      misbehavior: [],
      nextValidatorsHash: new Uint8Array(32),
    };
  };
  const noCommit = { round: 0, votes: [] };

  async function sign(account: PrivateKeyAccount, call: Call): Promise<Uint8Array> {
    const data = call.abi
      ? encodeFunctionData({ abi: call.abi, functionName: call.name, args: call.args } as never)
      : (call.data ?? "0x");
    const nonce = call.nonce ?? Number(app.account(account.address.toLowerCase() as Hex).nonce);
    return hexToBytes(
      await account.signTransaction({
        type: "eip1559",
        chainId: call.chainId ?? CHAIN_ID,
        nonce,
        ...(call.to && { to: call.to }),
        data,
        ...(call.accessList && { accessList: call.accessList }),
        value: call.value ?? 0n,
        gas: BigInt(call.gas ?? 1_000_000),
        maxFeePerGas: call.maxFeePerGas ?? 10_000_000_000n,
        maxPriorityFeePerGas: call.maxFeePerGas ?? 1_000_000_000n,
      }),
    );
  }

  /** Decides and commits a block of exactly these transactions. */
  async function block(txs: readonly Uint8Array[] = [], seconds = 1) {
    const request = { ...proposal(txs, seconds), hash: new Uint8Array(32), decidedLastCommit: noCommit };
    const response = await app.finalizeBlock(request);
    await app.commit();
    const record = app.blocks.block(app.head.height);
    if (!record) throw new Error("the committed block is not in the store");
    return { response, record };
  }

  /** One transaction in a block of its own. */
  async function send(account: PrivateKeyAccount, call: Call) {
    const { response, record } = await block([await sign(account, call)]);
    return { result: response.txResults[0], transaction: record.transactions.at(-1), record };
  }

  return { app, store, sign, block, send, proposal, noCommit };
}
