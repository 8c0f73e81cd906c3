import {
  type Address,
  assets,
  devices,
  type Hex,
  market,
  rights,
  sessionState,
  token,
  usage,
  usageAbi,
} from "@ruffchain/abi";
import { type KeyKind, type ReceiptFields, type ReceiptKind, receiptToBeSigned } from "@ruffchain/cose";
import { type Context, type Contract, contract, Revert, type Row, table, type ViewContext } from "@ruffchain/kernel";
import { verifyDevice } from "../devices/verify-device.js";
import { chargesFor, split } from "./charges.js";

/** How far a device's clock may be ahead of the block or beside its right's window, in seconds. */
export const CLOCK_TOLERANCE = 60n;
/** After the end of a right, seconds until a session without a check-in may be closed by anybody. */
export const OVERDUE_PERIOD = 7n * 86_400n;

const tables = {
  /** By right. */
  sessions: table(
    "uint256",
    {
      renter: "address",
      asset: "uint256",
      card: "uint64",
      currency: "address",
      deposit: "uint256",
      state: "uint8",
      /** End of the right when the session was opened; used where the right is gone. */
      until: "uint64",
      device: "bytes32",
      /** Of the last receipt, also of an earlier session of the right. */
      sequence: "uint64",
      checkedOutAt: "uint64",
      odometer: "uint64",
      energy: "uint64",
    },
    { indexes: { byRenter: ["renter"] } },
  ),
  /** By debtor, creditor and currency. */
  debts: table(["address", "address", "address"], "uint256"),
  /** By account and currency: money that the token refused to move when it was due. */
  credits: table(["address", "address"], "uint256"),
};

type Tables = typeof tables;
type View = ViewContext<typeof usageAbi, Tables>;
type Write = Context<typeof usageAbi, Tables>;
type Session = Row<Tables["sessions"]>["value"];

const NO_DEVICE = `0x${"00".repeat(32)}` as const;

function sessionOf(ctx: View, right: bigint): Session {
  const session = ctx.tables.sessions.get(right);
  if (!session) throw ctx.error("NoSession", right);
  return session;
}

function sessionView({ key: [right], value }: Row<Tables["sessions"]>) {
  return { right, ...value };
}

/** Checks that the receipt is new, of this time and signed by the device of the session's asset. */
function verifyReceipt(ctx: Write, is: ReceiptKind, receipt: ReceiptFields, signature: Hex, session: Session): void {
  const { device: id, sequence, time } = receipt;
  if (sequence <= session.sequence) throw ctx.error("StaleReceipt", sequence, session.sequence);
  const latest = ctx.time + CLOCK_TOLERANCE;
  if (time > latest) throw ctx.error("ReceiptFromTheFuture", time, latest);
  if (session.device !== NO_DEVICE && session.device !== id) throw ctx.error("NotTheDevice", id, session.asset);
  const device = ctx.read(devices, "device", id);
  if (device.asset !== session.asset || device.revoked) throw ctx.error("NotTheDevice", id, session.asset);
  const toBeSigned = (kind: KeyKind) => receiptToBeSigned(ctx.chainId, kind, is, receipt);
  if (!verifyDevice(ctx.crypto, device, toBeSigned, signature)) throw ctx.error("BadSignature", id);
}

/** Pays now, or keeps a credit where the token refuses: one side's trouble must not hold up the other's money. */
function pay(ctx: Write, currency: Address, to: Address, amount: bigint): void {
  if (amount === 0n) return;
  try {
    ctx.call(token(currency), "transfer", to, amount);
  } catch (error) {
    if (!(error instanceof Revert)) throw error;
    ctx.tables.credits.set(to, currency, (ctx.tables.credits.get(to, currency) ?? 0n) + amount);
    ctx.emit("Credited", to, currency, amount);
  }
}

/** The end of the right as it is now: it may have been divided or extended since, or merged into another and gone. */
function endOf(ctx: View, right: bigint, session: Session): bigint {
  return ctx.read(rights, "exists", right) ? ctx.read(rights, "right", right).until : session.until;
}

interface Ending {
  readonly time: bigint;
  readonly distance: bigint;
  readonly energy: bigint;
  readonly leftArea: boolean;
}

const NO_USE: Ending = { time: 0n, distance: 0n, energy: 0n, leftArea: false };

/** Divides the deposit between payee and renter and records what it does not cover. */
function settle(ctx: Write, right: bigint, session: Session, ending: Ending, debtAllowed: boolean): void {
  const { renter, asset, currency, deposit } = session;
  const { card } = ctx.read(market, "rateCard", session.card);
  const until = endOf(ctx, right, session);
  const lateness = ending.time > until ? ending.time - until : 0n;
  const fees = chargesFor(card, { ...ending, lateness });
  const { paid, debt, refund } = split(deposit, fees.total, debtAllowed ? card.debtLimit : 0n);
  const payee = ctx.read(assets, "payeeOf", asset);
  pay(ctx, currency, payee, paid);
  pay(ctx, currency, renter, refund);
  if (debt > 0n) {
    ctx.tables.debts.set(renter, payee, currency, (ctx.tables.debts.get(renter, payee, currency) ?? 0n) + debt);
  }
  const { distanceFee, energyFee, lateFee, areaFee } = fees;
  ctx.emit("Settled", right, renter, payee, distanceFee, energyFee, lateFee, areaFee, paid, debt, refund);
}

/** Sessions of use: a deposit, two receipts of the device, a settlement. */
export const usageContract: Contract = contract({
  name: "Usage",
  address: usage.address,
  abi: usageAbi,
  tables,
  functions: {
    open(ctx, id) {
      const right = ctx.read(rights, "right", id);
      if (right.holder !== ctx.sender) throw ctx.error("NotHolder", id, ctx.sender);
      if (ctx.time >= right.until) throw ctx.error("RightEnded", id, right.until);
      if (right.terms === 0n) throw ctx.error("NoTerms", id);
      const { card, asset } = ctx.read(market, "rateCard", right.terms);
      if (asset !== right.asset) throw ctx.error("NoTerms", id);
      const before = ctx.tables.sessions.get(id);
      if (before?.state === sessionState.open && before.renter !== ctx.sender) {
        // The right has a new holder before it was used: the old one's session ends without charges.
        settle(ctx, id, before, NO_USE, false);
      } else if (before && before.state !== sessionState.settled) {
        throw ctx.error("SessionExists", id, before.state);
      }
      const payee = ctx.read(assets, "payeeOf", right.asset);
      const debt = ctx.tables.debts.get(ctx.sender, payee, card.currency);
      if (debt !== undefined) throw ctx.error("InDebt", payee, card.currency, debt);
      if (card.deposit > 0n) {
        ctx.call(token(card.currency), "transferFrom", ctx.sender, ctx.self, card.deposit);
      }
      ctx.tables.sessions.set(id, {
        renter: ctx.sender,
        asset: right.asset,
        card: right.terms,
        currency: card.currency,
        deposit: card.deposit,
        state: sessionState.open,
        until: right.until,
        device: NO_DEVICE,
        sequence: before?.sequence ?? 0n,
        checkedOutAt: 0n,
        odometer: 0n,
        energy: 0n,
      });
      ctx.emit("Opened", id, right.asset, ctx.sender, right.terms, card.deposit);
    },

    checkOut(ctx, receipt, signature) {
      const { right, device, sequence, time, odometer, energy, latitude, longitude } = receipt;
      const session = sessionOf(ctx, right);
      if (session.state !== sessionState.open) throw ctx.error("WrongState", right, session.state);
      verifyReceipt(ctx, "checkOut", receipt, signature, session);
      const { from, until } = ctx.read(rights, "right", right);
      if (time + CLOCK_TOLERANCE < from || time > until + CLOCK_TOLERANCE) {
        throw ctx.error("OutsideWindow", time, from, until);
      }
      const state = sessionState.checkedOut;
      ctx.tables.sessions.set(right, { ...session, state, device, sequence, checkedOutAt: time, odometer, energy });
      ctx.emit("CheckedOut", right, device, sequence, time, odometer, energy, latitude, longitude);
    },

    checkIn(ctx, receipt, signature) {
      const { right, device, sequence, time, odometer, energy, latitude, longitude, leftArea } = receipt;
      const session = sessionOf(ctx, right);
      if (session.state !== sessionState.checkedOut) throw ctx.error("WrongState", right, session.state);
      verifyReceipt(ctx, "checkIn", receipt, signature, session);
      ctx.emit("CheckedIn", right, device, sequence, time, odometer, energy, latitude, longitude, leftArea);
      // A meter that runs backwards is a fault of the device: it must hold up nobody's deposit and costs nothing.
      const odometerFault = odometer < session.odometer;
      const energyFault = energy < session.energy;
      if (odometerFault || energyFault) ctx.emit("MeterFault", right, device, odometerFault, energyFault);
      const distance = odometerFault ? 0n : odometer - session.odometer;
      const used = energyFault ? 0n : energy - session.energy;
      ctx.tables.sessions.set(right, { ...session, state: sessionState.settled, sequence });
      settle(ctx, right, session, { time, distance, energy: used, leftArea }, true);
    },

    closeOverdue(ctx, right) {
      const session = sessionOf(ctx, right);
      if (session.state === sessionState.settled) throw ctx.error("WrongState", right, session.state);
      const due = endOf(ctx, right, session) + OVERDUE_PERIOD;
      // Without its right a session can never be checked out.
      const isVoid = session.state === sessionState.open && !ctx.read(rights, "exists", right);
      if (ctx.time < due && !isVoid) throw ctx.error("NotOverdue", right, due);
      ctx.tables.sessions.set(right, { ...session, state: sessionState.settled });
      // Never checked out: nothing is owed. Never checked in: the deposit answers for the lateness, and no more.
      const time = session.state === sessionState.checkedOut ? due : 0n;
      settle(ctx, right, session, { ...NO_USE, time }, false);
    },

    payDebt(ctx, creditor, currency, amount) {
      const { debts } = ctx.tables;
      const debt = debts.get(ctx.sender, creditor, currency);
      if (debt === undefined) throw ctx.error("NoDebt", creditor, currency);
      if (amount === 0n) throw ctx.error("ZeroAmount");
      const paid = amount < debt ? amount : debt;
      if (paid === debt) debts.delete(ctx.sender, creditor, currency);
      else debts.set(ctx.sender, creditor, currency, debt - paid);
      ctx.call(token(currency), "transferFrom", ctx.sender, creditor, paid);
      ctx.emit("DebtPaid", ctx.sender, creditor, currency, paid);
    },

    withdraw(ctx, account, currency) {
      const amount = ctx.tables.credits.get(account, currency);
      if (amount === undefined) throw ctx.error("NothingToPay", account, currency);
      ctx.tables.credits.delete(account, currency);
      ctx.call(token(currency), "transfer", account, amount);
      ctx.emit("Withdrawn", account, currency, amount);
      return amount;
    },

    session: (ctx, right) => sessionView({ key: [right], value: sessionOf(ctx, right) }),

    isOpen(ctx, right) {
      const session = ctx.tables.sessions.get(right);
      return session !== undefined && session.state !== sessionState.settled;
    },

    sessionsOf(ctx, renter, cursor, limit) {
      const page = ctx.tables.sessions.pageBy("byRenter", [renter], { cursor, limit });
      return [page.rows.map(sessionView), page.cursor] as const;
    },

    debtOf: (ctx, debtor, creditor, currency) => ctx.tables.debts.get(debtor, creditor, currency) ?? 0n,
    creditOf: (ctx, account, currency) => ctx.tables.credits.get(account, currency) ?? 0n,
  },
});
