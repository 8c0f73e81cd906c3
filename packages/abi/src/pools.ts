import { parseAbi } from "abitype";
import { type Address, addresses } from "./address.js";

/** What a step of a pool's waterfall pays. */
export const poolStep = { servicingFee: 0, interest: 1, principal: 2 } as const;

/** An open pool takes subscriptions; closing makes it active: from then on it distributes. */
export const poolPhase = { open: 0, active: 1 } as const;

const termsStructs = [
  "struct TrancheTerms { string name; string symbol; uint128 face; uint64 rate; uint128 amortization; }",
  "struct Step { uint8 kind; uint8 tranche; }",
  "struct PoolTerms { string name; address currency; address servicer; uint128 servicingFee; uint32 recordLag; uint64[] paymentDates; TrancheTerms[] tranches; Step[] steps; }",
] as const;

/**
 * The factory of pools. Amounts are minor units of the currency, rates 1e-8 a year (Act/365, by the second), times
 * seconds. Tranches are listed senior first; `amortization` is the principal due on each payment date (all of `face`
 * at once: turbo), and what remains is due on the last payment date. `steps` is the order of payments and names each
 * interest, principal and the servicing fee once; what is left after them is the originator's. Paid are the holders
 * of `recordLag` seconds before the payment date.
 */
export const poolsAbi = parseAbi([
  ...termsStructs,
  "struct PoolEntry { address pool; address originator; }",

  "function create(PoolTerms terms) returns (address pool)",
  "function pools(bytes cursor, uint32 limit) view returns (PoolEntry[] page, bytes next)",

  "event PoolCreated(address indexed pool, address indexed originator, address indexed currency, string name)",

  "error NotACurrency(address currency)",
  "error BadTrancheCount(uint256 count, uint8 most)",
  "error BadTrancheTerms(uint256 index)",
  "error BadPaymentDates(uint256 index)",
  "error BadRecordLag(uint32 recordLag)",
  "error BadSteps(uint256 index)",

  // Of contracts that are called.
  "error BadName(string name, uint32 longest)",
  "error BadSymbol(string symbol, uint32 longest)",
]);

export const pools = { address: addresses.pools, abi: poolsAbi } as const;

/** One pool: an account that receives revenue, and the tranche tokens that are paid from it. */
export const poolAbi = parseAbi([
  ...termsStructs,
  "struct PoolView { address originator; string name; address currency; address servicer; uint128 servicingFee; uint32 recordLag; uint64[] paymentDates; Step[] steps; uint8 tranches; uint8 phase; uint64 closedAt; uint32 periods; uint256 owed; uint256 feeShortfall; }",
  "struct TrancheView { address token; uint128 face; uint64 rate; uint128 amortization; uint128 subscribed; uint256 balance; uint256 interestShortfall; }",
  "struct Line { uint256 interestDue; uint256 interestPaid; uint256 principalDue; uint256 principalPaid; uint256 balance; }",
  "struct Report { uint32 period; uint64 date; uint64 recordTime; uint256 collected; uint256 feeDue; uint256 feePaid; uint256 residual; Line[] lines; }",

  "function initialize(address originator, PoolTerms terms)",
  "function subscribe(uint8 tranche, uint128 units)",
  "function unsubscribe(uint8 tranche, uint128 units)",
  "function close()",
  "function distribute()",
  "function runPaymentDate(uint32 period)",
  "function claim(uint8 tranche) returns (uint256 paid)",
  "function withdraw() returns (uint256 paid)",

  "function terms() view returns (PoolView)",
  "function trancheOf(uint8 tranche) view returns (TrancheView)",
  "function tranches() view returns (TrancheView[])",
  "function report(uint32 period) view returns (Report)",
  "function reports(bytes cursor, uint32 limit) view returns (Report[] page, bytes next)",
  "function nextPaymentDate() view returns (uint64)",
  "function claimable(uint8 tranche, address holder) view returns (uint256)",
  "function claimed(uint8 tranche, address holder) view returns (uint256)",
  "function creditOf(address account) view returns (uint256)",

  "event Subscribed(uint8 indexed tranche, address indexed investor, uint128 units)",
  "event Unsubscribed(uint8 indexed tranche, address indexed investor, uint128 units)",
  "event Closed(uint256 proceeds)",
  "event Distributed(uint32 indexed period, uint64 date, uint64 recordTime, uint256 collected, uint256 feePaid, uint256 residual)",
  "event TranchePaid(uint32 indexed period, uint8 indexed tranche, uint256 interestDue, uint256 interestPaid, uint256 principalDue, uint256 principalPaid, uint256 balance)",
  "event Claimed(uint8 indexed tranche, address indexed holder, uint256 paid, uint32 throughPeriod)",
  "event Withdrawn(address indexed account, uint256 paid)",

  "error OnlyPools(address who)",
  "error NoPool(address pool)",
  "error UnknownTranche(uint8 tranche)",
  "error WrongPhase(uint8 phase)",
  "error NotOriginator(address who)",
  "error ZeroAmount()",
  "error Oversubscribed(uint8 tranche, uint128 units, uint128 left)",
  "error ClosesTooLate(uint64 time, uint64 latest)",
  "error NotDue(uint64 time, uint64 due)",
  "error NothingToPay(address account)",
  "error UnknownPeriod(uint32 period)",

  // Of contracts that are called.
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC20InvalidReceiver(address receiver)",
  "error EnforcedPause()",
]);

/** The reference of one pool. */
export function pool(address: Address) {
  return { address, abi: poolAbi } as const;
}
