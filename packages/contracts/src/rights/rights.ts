import { assets, type Hex, rightRecord, rightScope, rights, rightsAbi } from "@ruffchain/abi";
import { areaFromBytes, GeoError } from "@ruffchain/geo";
import {
  type Context,
  type Contract,
  contract,
  hexToBytes,
  type Row,
  table,
  type ViewContext,
} from "@ruffchain/kernel";
import { approvalTables, mayMove } from "../approvals.js";
import { nextNumber } from "../next-number.js";
import { ZERO_ADDRESS } from "../zero.js";

const ANYWHERE = `0x${"00".repeat(32)}` as const;
const ALL_SCOPES = Object.values(rightScope).reduce((sum, bit) => sum | bit, 0);
const COUNTER = 0;

const tables = {
  /** Table 0: devices read its records (docs/state.md). */
  rights: table("uint256", rightRecord, { indexes: { byHolder: ["holder", "from"], byAsset: ["asset", "from"] } }),
  areas: table("bytes32", "bytes"),
  /** By owner of assets and grantor. */
  grantors: table(["address", "address"], "bool"),
  counters: table("uint8", "uint64"),
  ...approvalTables,
};

type Tables = typeof tables;
type View = ViewContext<typeof rightsAbi, Tables>;
type Write = Context<typeof rightsAbi, Tables>;
type Right = Row<Tables["rights"]>["value"];

function rightOf(ctx: View, id: bigint): Right {
  const right = ctx.tables.rights.get(id);
  if (!right) throw ctx.error("ERC721NonexistentToken", id);
  return right;
}

function rightView({ key: [id], value: { ticket, ...right } }: Row<Tables["rights"]>) {
  return { id, ...right };
}

/** The right that covers a part of the window: rights of one asset never overlap, so the last that begins before its end. */
function overlapping(ctx: View, asset: bigint, from: bigint, until: bigint): Row<Tables["rights"]> | undefined {
  const last = ctx.tables.rights.floorBy("byAsset", [asset, until - 1n]);
  return last && last.value.until > from ? last : undefined;
}

/** A right of the sender's that has not ended. */
function liveRightOfSender(ctx: Write, id: bigint): Right {
  const right = rightOf(ctx, id);
  if (right.holder !== ctx.sender) throw ctx.error("NotHolder", id, ctx.sender);
  if (right.until <= ctx.time) throw ctx.error("RightEnded", id, right.until);
  return right;
}

/** Writes a right with the given end, which the scheduler will announce. */
function store(ctx: Write, id: bigint, right: Omit<Right, "ticket">): void {
  ctx.tables.rights.set(id, { ...right, ticket: ctx.schedule(right.until, "expire", id) });
}

function create(ctx: Write, right: Omit<Right, "ticket">): bigint {
  const id = nextNumber(ctx.tables.counters, COUNTER);
  store(ctx, id, right);
  ctx.emit("Transfer", ZERO_ADDRESS, right.holder, id);
  return id;
}

function remove(ctx: Write, id: bigint, right: Right): void {
  ctx.tables.rights.delete(id);
  ctx.tables.approvals.delete(id);
  ctx.emit("Transfer", right.holder, ZERO_ADDRESS, id);
}

function checkArea(ctx: Write, area: Hex): void {
  try {
    areaFromBytes(hexToBytes(area));
  } catch (error) {
    throw error instanceof GeoError ? ctx.error("BadArea", error.code) : error;
  }
}

/** Whether two rights of one holder differ in nothing but their time. */
function alike(a: Right, b: Right): boolean {
  return (
    a.asset === b.asset && a.area === b.area && a.scope === b.scope && a.maxAge === b.maxAge && a.terms === b.terms
  );
}

/** Rights to use assets, as windows of time that never overlap. */
export const rightsContract: Contract = contract({
  name: "Rights",
  address: rights.address,
  abi: rightsAbi,
  tables,
  functions: {
    grant(ctx, { asset, holder, from, until, area, scope, maxAge, terms }) {
      const owner = ctx.read(assets, "ownerOf", asset);
      if (ctx.sender !== owner && !ctx.tables.grantors.has(owner, ctx.sender)) {
        throw ctx.error("NotGrantor", asset, ctx.sender);
      }
      if (holder === ZERO_ADDRESS) throw ctx.error("ERC721InvalidReceiver", holder);
      if (from >= until || until <= ctx.time) throw ctx.error("BadWindow", from, until);
      if (scope === 0 || (scope & ~ALL_SCOPES) !== 0) throw ctx.error("BadScope", scope);
      if (maxAge === 0) throw ctx.error("BadMaxAge", maxAge);
      if (area !== ANYWHERE && !ctx.tables.areas.has(area)) throw ctx.error("UnknownArea", area);
      const other = overlapping(ctx, asset, from, until);
      if (other) throw ctx.error("Overlap", asset, other.key[0], other.value.from, other.value.until);
      const id = create(ctx, { asset, holder, from, until, area, scope, maxAge, terms });
      ctx.emit("Granted", id, asset, holder, from, until, area, scope, maxAge, terms);
      return id;
    },

    divide(ctx, id, at) {
      const { ticket, ...right } = liveRightOfSender(ctx, id);
      if (at <= right.from || at <= ctx.time || at >= right.until) {
        throw ctx.error("NotInside", id, at, right.from, right.until);
      }
      ctx.unschedule(ticket);
      ctx.tables.approvals.delete(id);
      store(ctx, id, { ...right, until: at });
      const later = create(ctx, { ...right, from: at });
      ctx.emit("Divided", id, later, at);
      return later;
    },

    merge(ctx, earlierId, laterId) {
      const earlier = liveRightOfSender(ctx, earlierId);
      const later = liveRightOfSender(ctx, laterId);
      if (earlier.until !== later.from || !alike(earlier, later)) {
        throw ctx.error("NotMergeable", earlierId, laterId);
      }
      ctx.unschedule(earlier.ticket);
      ctx.unschedule(later.ticket);
      remove(ctx, laterId, later);
      ctx.tables.approvals.delete(earlierId);
      store(ctx, earlierId, { ...earlier, until: later.until });
      ctx.emit("Merged", earlierId, laterId, later.until);
    },

    surrender(ctx, id) {
      const right = liveRightOfSender(ctx, id);
      ctx.unschedule(right.ticket);
      const until = ctx.time > right.from ? ctx.time : right.from;
      if (until === right.from) {
        remove(ctx, id, right);
      } else {
        ctx.tables.approvals.delete(id);
        ctx.tables.rights.set(id, { ...right, until, ticket: 0n });
      }
      ctx.emit("Surrendered", id, right.asset, right.holder, until);
    },

    setGrantor(ctx, grantor, allowed) {
      if (allowed) ctx.tables.grantors.set(ctx.sender, grantor, true);
      else ctx.tables.grantors.delete(ctx.sender, grantor);
      ctx.emit("GrantorSet", ctx.sender, grantor, allowed);
    },

    registerArea(ctx, area) {
      const hash = ctx.crypto.sha256(area);
      if (ctx.tables.areas.has(hash)) return hash;
      checkArea(ctx, area);
      ctx.tables.areas.set(hash, area);
      ctx.emit("AreaRegistered", hash, area);
      return hash;
    },

    transferFrom(ctx, from, to, id) {
      const right = rightOf(ctx, id);
      if (right.holder !== from) throw ctx.error("ERC721IncorrectOwner", from, id, right.holder);
      if (!mayMove(ctx.tables, from, ctx.sender, id)) throw ctx.error("ERC721InsufficientApproval", ctx.sender, id);
      if (to === ZERO_ADDRESS) throw ctx.error("ERC721InvalidReceiver", to);
      ctx.tables.approvals.delete(id);
      ctx.tables.rights.set(id, { ...right, holder: to });
      ctx.emit("Transfer", from, to, id);
    },

    approve(ctx, to, id) {
      const { holder } = rightOf(ctx, id);
      if (ctx.sender !== holder && !ctx.tables.operators.has(holder, ctx.sender)) {
        throw ctx.error("ERC721InvalidApprover", ctx.sender);
      }
      if (to === ZERO_ADDRESS) ctx.tables.approvals.delete(id);
      else ctx.tables.approvals.set(id, to);
      ctx.emit("Approval", holder, to, id);
    },

    setApprovalForAll(ctx, operator, approved) {
      if (operator === ZERO_ADDRESS) throw ctx.error("ERC721InvalidOperator", operator);
      if (approved) ctx.tables.operators.set(ctx.sender, operator, true);
      else ctx.tables.operators.delete(ctx.sender, operator);
      ctx.emit("ApprovalForAll", ctx.sender, operator, approved);
    },

    right: (ctx, id) => rightView({ key: [id], value: rightOf(ctx, id) }),
    exists: (ctx, id) => ctx.tables.rights.has(id),

    rightAt(ctx, asset, time) {
      const right = overlapping(ctx, asset, time, time + 1n);
      if (!right) throw ctx.error("NoRightAt", asset, time);
      return rightView(right);
    },

    rightsOf(ctx, holder, cursor, limit) {
      const page = ctx.tables.rights.pageBy("byHolder", [holder], { cursor, limit, reverse: true });
      return [page.rows.map(rightView), page.cursor] as const;
    },

    calendar(ctx, asset, cursor, limit) {
      const page = ctx.tables.rights.pageBy("byAsset", [asset], { cursor, limit, reverse: true });
      return [page.rows.map(rightView), page.cursor] as const;
    },

    isFree(ctx, asset, from, until) {
      if (from >= until) throw ctx.error("BadWindow", from, until);
      return overlapping(ctx, asset, from, until) === undefined;
    },

    isGrantor: (ctx, owner, grantor) => ctx.tables.grantors.has(owner, grantor),

    area(ctx, hash) {
      const area = ctx.tables.areas.get(hash);
      if (area === undefined) throw ctx.error("UnknownArea", hash);
      return area;
    },

    ownerOf: (ctx, id) => rightOf(ctx, id).holder,

    getApproved(ctx, id) {
      rightOf(ctx, id);
      return ctx.tables.approvals.get(id) ?? ZERO_ADDRESS;
    },

    isApprovedForAll: (ctx, holder, operator) => ctx.tables.operators.has(holder, operator),
  },

  scheduled: {
    /** At the right's end: approvals are void, and everybody is told. */
    expire(ctx, id) {
      const { asset, holder } = rightOf(ctx, id);
      ctx.tables.approvals.delete(id);
      ctx.emit("Expired", id, asset, holder);
    },
  },
});
