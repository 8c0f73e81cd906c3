import { type Address, assetClass, assets, assetsAbi } from "@ruffchain/abi";
import { type Context, type Contract, contract, type Row, table, type ViewContext } from "@ruffchain/kernel";
import { approvalTables, mayMove } from "../approvals.js";
import { nextNumber } from "../next-number.js";
import { ZERO_ADDRESS } from "../zero.js";
import { checkDigitIn, checkDigitOf, hasCheckDigit, isSerial, isVin } from "./identifier.js";

const COUNTER = 0;

const tables = {
  assets: table(
    "uint256",
    {
      owner: "address",
      /** Zero: the owner. */
      payee: "address",
      class: "uint8",
      identifier: "string",
    },
    { indexes: { byOwner: ["owner"] } },
  ),
  /** By class and SHA-256 of the identifier. */
  identifiers: table(["uint8", "bytes32"], "uint256"),
  counters: table("uint8", "uint64"),
  ...approvalTables,
};

type View = ViewContext<typeof assetsAbi, typeof tables>;
type Write = Context<typeof assetsAbi, typeof tables>;
type Asset = Row<typeof tables.assets>["value"];

function assetOf(ctx: View, id: bigint): Asset {
  const asset = ctx.tables.assets.get(id);
  if (!asset) throw ctx.error("ERC721NonexistentToken", id);
  return asset;
}

function payeeOf({ owner, payee }: Asset): Address {
  return payee === ZERO_ADDRESS ? owner : payee;
}

function assetView({ key: [id], value }: Row<typeof tables.assets>) {
  return { ...value, id, payee: payeeOf(value) };
}

function hashOf(ctx: View, identifier: string) {
  return ctx.crypto.sha256(new TextEncoder().encode(identifier));
}

function checkIdentifier(ctx: Write, kind: number, identifier: string): void {
  if (kind === assetClass.other) {
    if (!isSerial(identifier)) throw ctx.error("BadIdentifier", kind, identifier);
  } else if (kind === assetClass.car) {
    if (!isVin(identifier)) throw ctx.error("BadIdentifier", kind, identifier);
    const expected = checkDigitOf(identifier);
    if (hasCheckDigit(identifier) && checkDigitIn(identifier) !== expected) {
      throw ctx.error("BadCheckDigit", identifier, expected);
    }
  } else {
    throw ctx.error("BadClass", kind);
  }
}

/** Titles of things: unique identifiers, an owner, a payee of the revenue. */
export const assetsContract: Contract = contract({
  name: "Assets",
  address: assets.address,
  abi: assetsAbi,
  tables,
  functions: {
    register(ctx, kind, identifier) {
      checkIdentifier(ctx, kind, identifier);
      const hash = hashOf(ctx, identifier);
      const known = ctx.tables.identifiers.get(kind, hash);
      if (known !== undefined) throw ctx.error("AlreadyRegistered", known, kind, identifier);
      const id = nextNumber(ctx.tables.counters, COUNTER);
      ctx.tables.identifiers.set(kind, hash, id);
      ctx.tables.assets.set(id, { owner: ctx.sender, payee: ZERO_ADDRESS, class: kind, identifier });
      ctx.emit("Transfer", ZERO_ADDRESS, ctx.sender, id);
      ctx.emit("Registered", id, ctx.sender, kind, identifier);
      return id;
    },

    setPayee(ctx, id, payee) {
      const asset = assetOf(ctx, id);
      if (asset.owner !== ctx.sender) throw ctx.error("NotAssetOwner", id, ctx.sender);
      ctx.tables.assets.set(id, { ...asset, payee });
      ctx.emit("PayeeSet", id, payeeOf({ ...asset, payee }));
    },

    transferFrom(ctx, from, to, id) {
      const asset = assetOf(ctx, id);
      if (asset.owner !== from) throw ctx.error("ERC721IncorrectOwner", from, id, asset.owner);
      if (!mayMove(ctx.tables, from, ctx.sender, id)) throw ctx.error("ERC721InsufficientApproval", ctx.sender, id);
      if (to === ZERO_ADDRESS) throw ctx.error("ERC721InvalidReceiver", to);
      ctx.tables.approvals.delete(id);
      ctx.tables.assets.set(id, { ...asset, owner: to, payee: ZERO_ADDRESS });
      ctx.emit("Transfer", from, to, id);
    },

    approve(ctx, to, id) {
      const { owner } = assetOf(ctx, id);
      if (ctx.sender !== owner && !ctx.tables.operators.has(owner, ctx.sender)) {
        throw ctx.error("ERC721InvalidApprover", ctx.sender);
      }
      if (to === ZERO_ADDRESS) ctx.tables.approvals.delete(id);
      else ctx.tables.approvals.set(id, to);
      ctx.emit("Approval", owner, to, id);
    },

    setApprovalForAll(ctx, operator, approved) {
      if (operator === ZERO_ADDRESS) throw ctx.error("ERC721InvalidOperator", operator);
      if (approved) ctx.tables.operators.set(ctx.sender, operator, true);
      else ctx.tables.operators.delete(ctx.sender, operator);
      ctx.emit("ApprovalForAll", ctx.sender, operator, approved);
    },

    asset: (ctx, id) => assetView({ key: [id], value: assetOf(ctx, id) }),

    assetByIdentifier(ctx, kind, identifier) {
      const id = ctx.tables.identifiers.get(kind, hashOf(ctx, identifier));
      if (id === undefined) throw ctx.error("UnknownIdentifier", kind, identifier);
      return assetView({ key: [id], value: assetOf(ctx, id) });
    },

    assets(ctx, cursor, limit) {
      const page = ctx.tables.assets.page([], { cursor, limit });
      return [page.rows.map(assetView), page.cursor] as const;
    },

    assetsOf(ctx, owner, cursor, limit) {
      const page = ctx.tables.assets.pageBy("byOwner", [owner], { cursor, limit });
      return [page.rows.map(assetView), page.cursor] as const;
    },

    payeeOf: (ctx, id) => payeeOf(assetOf(ctx, id)),
    ownerOf: (ctx, id) => assetOf(ctx, id).owner,

    getApproved(ctx, id) {
      assetOf(ctx, id);
      return ctx.tables.approvals.get(id) ?? ZERO_ADDRESS;
    },

    isApprovedForAll: (ctx, owner, operator) => ctx.tables.operators.has(owner, operator),
  },
});
