import { parseAbi } from "abitype";
import { type Address, addresses } from "./address.js";

/** The lines that a pool's priority of payments may have, as `Step.kind`; `target` is a tranche for those of a class. */
export const poolStep = {
  seniorFees: 0,
  servicingFee: 1,
  classInterest: 2,
  priorityPrincipal: 3,
  reserve: 4,
  regularPrincipal: 5,
  subordinated: 6,
  residual: 7,
} as const;

/** How interest counts time: the seconds of a year of 365 days, or the days of a convention. */
export const poolDayCount = {
  seconds365: 0,
  actual360: 1,
  actual365Fixed: 2,
  actualActual: 3,
  thirtyE360: 4,
  thirty360Us: 5,
} as const;

/** How regular principal is shared: tranche after tranche, in proportion to balances, or all at once by rank. */
export const poolPrincipal = { sequential: 0, proRata: 1, turbo: 2 } as const;

/** An open pool takes subscriptions; closing makes it active: from then on it distributes. */
export const poolPhase = { open: 0, active: 1 } as const;

const termsStructs = [
  "struct TrancheTerms { string name; string symbol; uint128 face; uint64 rate; uint8 dayCount; }",
  "struct Step { uint8 kind; uint8 target; }",
  "struct PoolTerms { string name; address currency; address servicer; uint128 seniorFee; uint64 servicingRate; uint128 reserve; uint128 overcollateralization; uint8 principalMode; uint32 recordLag; uint128 initialValue; uint64[] paymentDates; uint128[] values; TrancheTerms[] tranches; Step[] steps; }",
] as const;

/**
 * The factory of pools. Amounts are minor units of the currency, rates 1e-8 a year, times seconds. Tranches are listed
 * senior first. `values` says what the assets are worth on each payment date: notes above it have priority in
 * principal, and regular principal brings them `overcollateralization` below it. `seniorFee` is the servicer's on each
 * payment date, `servicingRate` a year's fee on the value, a twelfth each time. `reserve` is kept back from the
 * proceeds. On the last payment date all that remains is due. Holders of `recordLag` seconds before are paid.
 */
export const poolsAbi = parseAbi([
  ...termsStructs,
  "struct PoolEntry { address pool; address originator; }",

  "function create(PoolTerms terms) returns (address pool)",
  "function pools(bytes cursor, uint32 limit) view returns (PoolEntry[] page, bytes next)",

  "event PoolCreated(address indexed pool, address indexed originator, address indexed currency, string name)",

  "error BadTrancheCount(uint256 count, uint8 most)",
  "error BadTranche(uint256 index)",
  "error BadPaymentDates(uint256 index)",
  "error BadValues(uint256 count)",
  "error BadRecordLag(uint32 recordLag)",
  "error BadPrincipalMode(uint8 principalMode)",
  "error BadServicingRate(uint64 rate, uint64 highest)",
  "error BadStep(uint256 index)",
  "error BadDeal(string reason)",
  "error NotACurrency(address currency)",

  // Of contracts that are called.
  "error BadName(string name, uint32 longest)",
  "error BadSymbol(string symbol, uint32 longest)",
]);

export const pools = { address: addresses.pools, abi: poolsAbi } as const;

/** One pool: an account that receives revenue, and the tranche tokens that are paid from it. */
export const poolAbi = parseAbi([
  ...termsStructs,
  "struct PoolView { address originator; string name; address currency; address servicer; uint128 seniorFee; uint64 servicingRate; uint128 reserve; uint128 overcollateralization; uint8 principalMode; uint32 recordLag; uint128 initialValue; uint64[] paymentDates; uint128[] values; Step[] steps; uint8 tranches; }",
  "struct StatusView { uint8 phase; uint64 closedAt; uint32 periods; uint64 nextPaymentDate; uint256 owed; uint256 reserve; uint256 retained; uint256 feesShort; uint256 servicingShort; }",
  "struct TrancheView { address token; uint128 face; uint64 rate; uint8 dayCount; uint128 subscribed; uint256 balance; uint256 interestShort; }",
  "struct StepResult { uint8 kind; uint8 target; uint256 due; uint256 paid; }",
  "struct TrancheResult { uint256 interestDue; uint256 interestPaid; uint256 principalPaid; uint256 balance; }",
  "struct Report { uint32 period; uint64 date; uint64 recordTime; uint256 collected; uint256 value; uint256 reserveDraw; uint256 fees; uint256 residual; StepResult[] steps; TrancheResult[] tranches; }",

  "function initialize(address originator, PoolTerms terms)",
  "function subscribe(uint8 tranche, uint128 units)",
  "function unsubscribe(uint8 tranche, uint128 units)",
  "function close()",
  "function distribute()",
  "function runPaymentDate(uint32 period)",
  "function claim(uint8 tranche) returns (uint256 paid)",
  "function withdraw() returns (uint256 paid)",

  "function terms() view returns (PoolView)",
  "function status() view returns (StatusView)",
  "function trancheOf(uint8 tranche) view returns (TrancheView)",
  "function tranches() view returns (TrancheView[])",
  "function report(uint32 period) view returns (Report)",
  "function reports(bytes cursor, uint32 limit) view returns (Report[] page, bytes next)",
  "function claimable(uint8 tranche, address holder) view returns (uint256)",
  "function claimed(uint8 tranche, address holder) view returns (uint256)",
  "function creditOf(address account) view returns (uint256)",

  "event Subscribed(uint8 indexed tranche, address indexed investor, uint128 units)",
  "event Unsubscribed(uint8 indexed tranche, address indexed investor, uint128 units)",
  "event Closed(uint256 proceeds, uint256 reserve)",
  "event Distributed(uint32 indexed period, uint64 date, uint64 recordTime, uint256 collected, uint256 reserveDraw, uint256 fees, uint256 residual)",
  "event TranchePaid(uint32 indexed period, uint8 indexed tranche, uint256 interestDue, uint256 interestPaid, uint256 principalPaid, uint256 balance)",
  "event Claimed(uint8 indexed tranche, address indexed holder, uint256 paid, uint32 throughPeriod)",
  "event Withdrawn(address indexed account, uint256 paid)",

  "error OnlyPools(address who)",
  "error NoPool(address pool)",
  "error UnknownTranche(uint8 tranche)",
  "error WrongPhase(uint8 phase)",
  "error NotOriginator(address who)",
  "error ZeroAmount()",
  "error Oversubscribed(uint8 tranche, uint128 units, uint128 left)",
  "error ProceedsBelowReserve(uint256 proceeds, uint256 reserve)",
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
