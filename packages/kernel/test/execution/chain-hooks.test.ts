import { addresses } from "@ruffchain/abi";
import {
  Application,
  type BlockRecord,
  bytesToHex,
  type ChainBlock,
  type ChainGenesis,
  contract,
  type FinalizeBlockRequest,
  GenesisError,
  type InitChainRequest,
  MemoryStore,
  table,
} from "@ruffchain/kernel";
import { parseAbi } from "abitype";
import { encodeFunctionData, type Hex } from "viem";
import { expect, test } from "vitest";

const steeringAbi = parseAbi([
  "function mint(uint256 amount)",
  "function burn(uint256 amount)",
  "function look() view returns (uint48)",
  "event Begun(uint256 absent, uint256 misbehavior)",
]);
const steering = { address: "0x5255464600000000000000000000000000000200", abi: steeringAbi } as const;
const plain = { address: "0x5255464600000000000000000000000000000201", abi: steeringAbi } as const;
const KEY = { type: "ed25519", bytes: new Uint8Array(32).fill(7) } as const;
const VALIDATOR = new Uint8Array(20).fill(9);

interface Told {
  genesis?: ChainGenesis;
  blocks: ChainBlock[];
}

/** A contract that notes what its hooks are told, and one that does the same calls without hooks. */
function contracts(told: Told, onGenesis: () => void = () => {}) {
  const parts = {
    abi: steeringAbi,
    tables: { blocks: table("uint8", "uint64") },
    functions: {
      mint: (ctx: { chain: { mint(amount: bigint): void } }, amount: bigint) => ctx.chain.mint(amount),
      burn: (ctx: { chain: { burn(amount: bigint): void } }, amount: bigint) => ctx.chain.burn(amount),
      look: (ctx: { chain: { parameters(): { chainId: number } } }) => ctx.chain.parameters().chainId,
    },
  };
  return [
    contract({ name: "Plain", address: plain.address, ...parts }),
    contract({
      name: "Steering",
      address: steering.address,
      ...parts,
      chain: {
        genesis: (_, genesis) => {
          told.genesis = genesis;
          onGenesis();
        },
        beginBlock: (ctx, block) => {
          told.blocks.push(block);
          ctx.tables.blocks.set(0, (ctx.tables.blocks.get(0) ?? 0n) + 1n);
          if (block.absent.length > 0) ctx.emit("Begun", BigInt(block.absent.length), BigInt(block.misbehavior.length));
          if (block.misbehavior.length > 1) throw new Error("too much");
          if (block.misbehavior.length === 1) ctx.chain.setParameters({ maxBlockBytes: 2_000_000 });
          return block.absent.length > 0 ? [{ publicKey: KEY, power: 3n }] : [];
        },
      },
    }),
  ];
}

async function open(told: Told = { blocks: [] }, onGenesis?: () => void) {
  const faults: unknown[] = [];
  const app = Application.open({
    store: new MemoryStore(),
    contracts: contracts(told, onGenesis),

    onFault: (fault) => faults.push(fault),
  });
  const operator = `0x${"ab".repeat(20)}` as const;
  const request: InitChainRequest = {
    time: 1_793_570_000_000_000_000n,
    chainId: "ruff-test",
    consensusParams: { block: { maxBytes: 1_500_000 } },
    validators: [{ publicKey: KEY, power: 5n }],
    appState: Buffer.from(
      JSON.stringify({
        evmChainId: 7833,
        alloc: {},
        parameters: { some: "17" },
        operators: { [bytesToHex(KEY.bytes)]: operator },
      }),
    ),
    initialHeight: 1,
  };
  await app.initChain(request);
  const block = (absent: number, misbehavior: number): FinalizeBlockRequest => ({
    txs: [],
    height: app.head.height + 1,
    time: request.time + BigInt(app.head.height + 1) * 1_000_000_000n,
    proposerAddress: new Uint8Array(20),
    nextValidatorsHash: new Uint8Array(32),
    hash: new Uint8Array(32),
    misbehavior: Array.from({ length: misbehavior }, (_, i) => ({
      type: "duplicateVote",
      address: VALIDATOR,
      power: 1n,
      height: i + 1,
      time: 0n,
      totalPower: 1n,
    })),
    decidedLastCommit: {
      round: 0,
      votes: [
        { address: new Uint8Array(20).fill(1), power: 1n, signed: true },
        ...Array.from({ length: absent }, () => ({ address: VALIDATOR, power: 1n, signed: false })),
      ],
    },
  });
  async function decide(absent = 0, misbehavior = 0) {
    const response = await app.finalizeBlock(block(absent, misbehavior));
    const record = app.finalizedBlock;
    await app.commit();
    return { response, record };
  }
  const call = (to: Hex, functionName: "mint" | "burn" | "look", ...args: bigint[]) =>
    app.call({
      to,
      data: Buffer.from(encodeFunctionData({ abi: steeringAbi, functionName, args } as never).slice(2), "hex"),
    });
  return { app, faults, block, decide, call, told, operator };
}

test("the genesis file reaches the contracts that take part, and may be refused by them", async () => {
  const { told, operator, app } = await open();
  expect(told.genesis).toEqual({
    initialHeight: 1,
    validators: [{ publicKey: KEY, power: 5n }],
    parameters: { some: 17n },
    operators: { [bytesToHex(KEY.bytes)]: operator },
  });
  expect(app.parameters().maxBlockBytes).toBe(1_500_000);
  const refused = open({ blocks: [] }, () => {
    throw new GenesisError("app_state.parameters.some", "is wrong");
  });
  await expect(refused).rejects.toThrow("genesis: app_state.parameters.some is wrong");
});

test("each block tells them who did not vote and who misbehaved, and takes the engine's updates from them", async () => {
  const { decide, told } = await open();
  const quiet = await decide();
  expect(quiet.response).toMatchObject({ validatorUpdates: [] });
  expect(quiet.response.consensusParamUpdates).toBeUndefined();
  expect(quiet.record?.transactions).toEqual([]);
  const { response, record } = await decide(1, 1);
  const validator = bytesToHex(VALIDATOR);
  expect(told.blocks.at(-1)).toEqual({ absent: [validator], misbehavior: [{ validator, height: 1 }] });
  expect(response.validatorUpdates).toEqual([{ publicKey: KEY, power: 3n }]);
  expect(response.consensusParamUpdates).toEqual({ block: { maxBytes: 2_000_000 } });
  // What a hook logs can be found: it is in the scheduler's transaction.
  expect(record?.transactions).toMatchObject([{ sender: addresses.scheduler, logs: [{ address: steering.address }] }]);
  expect((await decide(0, 0)).response.consensusParamUpdates).toBeUndefined();
});

test("a hook that throws has done nothing, is reported, and the chain goes on", async () => {
  const one = await open();
  const { response, record } = await one.decide(1, 2);
  expect(one.faults).toEqual([new Error("too much")]);
  expect(response.validatorUpdates).toEqual([]);
  expect(record?.transactions).toEqual([]);
  await one.decide();
  expect(one.app.head.height).toBe(2);
});

test("a proposal with other reports is another block", async () => {
  const { app, block, decide } = await open();
  await decide();
  const proposed = block(1, 1);
  expect(await app.processProposal({ ...proposed, proposedLastCommit: proposed.decidedLastCommit })).toEqual({
    accepted: true,
  });
  expect((await app.finalizeBlock(block(0, 0))).validatorUpdates).toEqual([]);
  expect((await app.finalizeBlock(proposed)).validatorUpdates).toHaveLength(1);
});

test("only contracts with hooks may touch the chain, and only where they may write", async () => {
  const { call, faults } = await open();
  expect(await call(steering.address, "mint", 5n)).toMatchObject({ ok: true });
  expect(await call(steering.address, "look")).toMatchObject({ ok: true });
  expect(faults).toEqual([]);
  expect(await call(steering.address, "burn", 1n)).toMatchObject({ ok: false }); // it has none
  expect(await call(plain.address, "mint", 5n)).toMatchObject({ ok: false });
  expect(faults.map(String)).toEqual([
    expect.stringContaining("0 wei, 1 are needed"),
    "TypeError: Plain has no part in running the chain",
  ]);
});

test("a block is executed again with what the engine told then, and changes nothing", async () => {
  const { app, decide, told } = await open();
  const record = (await decide(1, 1)).record as BlockRecord;
  const first = told.blocks.at(-1);
  await decide();
  const { head } = app;
  await app.replay(record, { transaction: () => undefined });
  expect(told.blocks.at(-1)).toEqual(first);
  expect(app.head).toEqual(head);
  const other = { ...record, transactions: [] };
  await expect(app.replay(other, { transaction: () => undefined })).rejects.toThrow("had another outcome");
});
