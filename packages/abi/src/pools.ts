import { parseAbi } from "abitype";
import { type Address, addresses } from "./address.js";

/** What a step of a pool's waterfall pays. */
export const poolStep = { servicingFee: 0, interest: 1, principal: 2 } as const;

/** A pool takes subscriptions while open, distributes while active, and has ended after its last payment date. */
export const poolPhase = { open: 0, active: 1, ended: 2 } as const;

const termsStructs = [
  "struct TrancheTerms { string name; string symbol; uint256 face; uint64 rate; uint256 amortization; }",
  "struct Step { uint8 kind; uint8 tranche; }",
  "struct PoolTerms { string name; address currency; address servicer; uint256 servicingFee; uint32 recordLag; uint64[] paymentDates; TrancheTerms[] tranches; Step[] steps; }",
] as const;

/**
 * The factory of pools. Amounts are minor units of the currency, rates 1e-8 a year (Act/365, by the second), times
 * seconds. Tranches are listed senior first; `amortization` is the principal due on each payment date (all of `face`
 * at once: turbo), and the last payment date is the final maturity. `steps` is the order of payments; what is left
 * after the last step is the originator's. Holders of `recordLag` seconds before a payment date are paid.
 */
export const poolsAbi = parseAbi([
  ...termsStructs,
  "struct PoolEntry { address pool; address originator; }",

  "function create(PoolTerms terms) returns (address pool)",
  "function pools(bytes cursor, uint32 limit) view returns (PoolEntry[] page, bytes next)",
  "function isPool(address pool) view returns (bool)",

  "event PoolCreated(address indexed pool, address indexed originator, address indexed currency, string name)",
]);

export const pools = { address: addresses.pools, abi: poolsAbi } as const;

/** One pool: an account that receives revenue, and the tranche tokens that are paid from it. */
export const poolAbi = parseAbi([
  ...termsStructs,
  "struct PoolView { address originator; string name; address currency; address servicer; uint256 servicingFee; uint32 recordLag; uint64[] paymentDates; Step[] steps; uint8 trancheCount; uint8 phase; uint64 closedAt; uint32 periods; uint256 owed; uint256 feeShortfall; }",
  "struct TrancheView { address token; uint256 face; uint64 rate; uint256 amortization; uint256 subscribed; uint256 balance; uint256 interestShortfall; }",
  "struct Line { uint256 interestDue; uint256 interestPaid; uint256 principalDue; uint256 principalPaid; uint256 balance; }",
  "struct Report { uint32 period; uint64 date; uint64 recordTime; uint256 collected; uint256 feeDue; uint256 feePaid; uint256 residual; Line[] lines; }",

  "function initialize(address originator, PoolTerms terms)",
  "function subscribe(uint8 tranche, uint256 units)",
  "function unsubscribe(uint8 tranche, uint256 units)",
  "function close()",
  "function distribute()",
  "function runPaymentDate()",
  "function claim(uint8 tranche) returns (uint256 paid)",
  "function withdraw() returns (uint256 paid)",

  "function terms() view returns (PoolView)",
  "function trancheOf(uint8 tranche) view returns (TrancheView)",
  "function tranches() view returns (TrancheView[])",
  "function report(uint32 period) view returns (Report)",
  "function reports(bytes cursor, uint32 limit) view returns (Report[] page, bytes next)",
  "function claimable(uint8 tranche, address holder) view returns (uint256)",
  "function claimed(uint8 tranche, address holder) view returns (uint256)",
  "function credit(address account) view returns (uint256)",

  "event Subscribed(uint8 indexed tranche, address indexed investor, uint256 units)",
  "event Unsubscribed(uint8 indexed tranche, address indexed investor, uint256 units)",
  "event Closed(uint256 proceeds, uint64 firstPaymentDate)",
  "event Distributed(uint32 indexed period, uint64 date, uint64 recordTime, uint256 collected, uint256 feePaid, uint256 residual)",
  "event TranchePaid(uint32 indexed period, uint8 indexed tranche, uint256 interestDue, uint256 interestPaid, uint256 principalDue, uint256 principalPaid, uint256 balance)",
  "event Claimed(uint8 indexed tranche, address indexed holder, uint256 paid, uint32 period)",
  "event Withdrawn(address indexed account, uint256 paid)",

  "error OnlyPools(address who)",
  "error NotACurrency(address currency)",
  "error BadTrancheCount(uint256 count, uint256 most)",
  "error BadTranche(uint8 tranche)",
  "error BadPaymentDates(uint256 index)",
  "error BadSteps(uint256 index)",
  "error UnknownTranche(uint8 tranche)",
  "error NotOpen(uint8 phase)",
  "error NotOriginator(address who)",
  "error Oversubscribed(uint8 tranche, uint256 units, uint256 left)",
  "error ZeroAmount()",
  "error ClosesTooLate(uint64 time, uint64 latest)",
  "error NotDue(uint64 time, uint64 due)",
  "error NotActive(uint8 phase)",
  "error NothingToPay(address account)",
  "error UnknownPeriod(uint32 period)",
]);

/** The reference of one pool. */
export function pool(address: Address) {
  return { address, abi: poolAbi } as const;
}
