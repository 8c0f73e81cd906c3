import { contract, table } from "@ruffchain/kernel";
import { parseAbi } from "abitype";
import { zeroAddress } from "viem";

/** Contracts that exercise the framework: a bank, and one that calls it. */
export const bankAbi = parseAbi([
  "struct Entry { address owner; uint256 amount; }",
  "function deposit() payable",
  "function withdraw(uint256 amount)",
  "function move(address to, uint256 amount)",
  "function balanceOf(address owner) view returns (uint256)",
  "function richest(bytes cursor, uint32 limit) view returns (Entry[] entries, bytes next)",
  "function sneak() view returns (uint256)",
  "function signerOf(bytes32 hash, bytes signature) view returns (address)",
  "function later(uint64 at, uint256 amount) returns (uint256 ticket)",
  "function cancel(uint256 ticket) returns (bool)",
  "function fall()",
  "function deep(uint32 levels)",
  "function burnGas()",
  "function tick(uint256 amount)",
  "function stumble(uint256 amount)",
  "event Moved(address indexed from, address indexed to, uint256 amount)",
  "event Ticked(uint64 time, uint256 amount)",
  "error Insufficient(address owner, uint256 has, uint256 needs)",
]);

export const bank = { address: "0x5255464600000000000000000000000000000100", abi: bankAbi } as const;

export const bankContract = contract({
  name: "Bank",
  ...bank,
  tables: {
    balances: table("address", { amount: "uint256" }, { indexes: { byAmount: ["amount"] } }),
    ticks: table("uint64", "uint256"),
  },
  functions: {
    deposit(ctx) {
      const before = ctx.tables.balances.get(ctx.sender)?.amount ?? 0n;
      ctx.tables.balances.set(ctx.sender, { amount: before + ctx.value });
    },
    withdraw(ctx, amount) {
      const has = ctx.tables.balances.get(ctx.sender)?.amount ?? 0n;
      if (has < amount) throw ctx.error("Insufficient", ctx.sender, has, amount);
      if (has === amount) ctx.tables.balances.delete(ctx.sender);
      else ctx.tables.balances.set(ctx.sender, { amount: has - amount });
      ctx.send(ctx.sender, amount);
    },
    move(ctx, to, amount) {
      const has = ctx.tables.balances.get(ctx.sender)?.amount ?? 0n;
      // The write comes before the check on purpose: a revert must undo it.
      ctx.tables.balances.set(to, { amount: (ctx.tables.balances.get(to)?.amount ?? 0n) + amount });
      ctx.emit("Moved", ctx.sender, to, amount);
      if (has < amount) throw ctx.error("Insufficient", ctx.sender, has, amount);
      ctx.tables.balances.set(ctx.sender, { amount: has - amount });
    },
    balanceOf(ctx, owner) {
      return ctx.tables.balances.get(owner)?.amount ?? 0n;
    },
    richest(ctx, cursor, limit) {
      const page = ctx.tables.balances.pageBy("byAmount", [], { cursor, limit, reverse: true });
      return [page.rows.map((row) => ({ owner: row.key[0], amount: row.value.amount })), page.cursor] as const;
    },
    sneak(ctx) {
      (ctx.tables.ticks as unknown as { set(key: bigint, value: bigint): void }).set(1n, 1n);
      return 1n;
    },
    signerOf(ctx, hash, signature) {
      return ctx.crypto.recoverSigner(hash, signature) ?? zeroAddress;
    },
    later(ctx, at, amount) {
      return ctx.schedule(at, amount === 13n ? "stumble" : "tick", amount);
    },
    cancel(ctx, ticket) {
      return ctx.unschedule(ticket);
    },
    fall(ctx) {
      ctx.tables.ticks.set(99n, 1n);
      throw new TypeError("a bug in the contract");
    },
    deep(ctx, levels) {
      if (levels > 0) ctx.call(bank, "deep", levels - 1);
    },
    burnGas(ctx) {
      for (let i = 0n; ; i++) ctx.tables.ticks.set(i, i);
    },
  },
  scheduled: {
    tick(ctx, amount) {
      ctx.tables.ticks.set(ctx.time, amount);
      ctx.emit("Ticked", ctx.time, amount);
    },
    stumble(ctx, amount) {
      ctx.tables.ticks.set(ctx.time, amount);
      ctx.emit("Ticked", ctx.time, amount);
      throw ctx.error("Insufficient", ctx.self, 0n, amount);
    },
  },
});

export const tellerAbi = parseAbi([
  "function tryMove(address to, uint256 amount) returns (bool)",
  "function moveTwice(address to, uint256 amount)",
  "function store() payable",
  "function readOnlyMove(address to) view returns (uint256)",
]);

export const teller = { address: "0x5255464600000000000000000000000000000101", abi: tellerAbi } as const;

export const tellerContract = contract({
  name: "Teller",
  ...teller,
  tables: { attempts: table("address", "uint64") },
  functions: {
    tryMove(ctx, to, amount) {
      ctx.tables.attempts.set(ctx.sender, (ctx.tables.attempts.get(ctx.sender) ?? 0n) + 1n);
      try {
        ctx.call(bank, "move", to, amount);
        return true;
      } catch {
        return false;
      }
    },
    moveTwice(ctx, to, amount) {
      ctx.call(bank, "move", to, amount);
      ctx.call(bank, "move", to, amount);
    },
    store(ctx) {
      ctx.send(bank.address, ctx.value);
    },
    readOnlyMove(ctx, to) {
      (ctx as unknown as { call: (...args: unknown[]) => void }).call(bank, "move", to, 0n);
      return 1n;
    },
  },
});
