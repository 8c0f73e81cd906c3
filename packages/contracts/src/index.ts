import type { Contract } from "@ruffchain/kernel";
import { assetsContract } from "./assets/assets.js";
import { devicesContract } from "./devices/devices.js";
import { governanceContract } from "./governance/governance.js";
import { marketContract } from "./market/market.js";
import { poolContract } from "./pools/pool.js";
import { poolsContract } from "./pools/pools.js";
import { receivablesContract } from "./receivables/receivables.js";
import { rightsContract } from "./rights/rights.js";
import { stakingContract } from "./staking/staking.js";
import { telemetryContract } from "./telemetry/telemetry.js";
import { tokenContract } from "./tokens/token.js";
import { tokensContract } from "./tokens/tokens.js";
import { usageContract } from "./usage/usage.js";

/** All system contracts, to be run by the kernel. */
export const systemContracts: readonly Contract[] = [
  tokensContract,
  tokenContract,
  devicesContract,
  assetsContract,
  telemetryContract,
  rightsContract,
  marketContract,
  usageContract,
  poolsContract,
  poolContract,
  receivablesContract,
  // Staking asks Governance for its parameters, at genesis too.
  governanceContract,
  stakingContract,
];

export { MAX_SERIAL_LENGTH } from "./assets/identifier.js";
export { DEFAULT_UNBONDING_TIME, LOWEST_MAX_BLOCK_BYTES, MAX_VALIDATORS, RATE_ONE } from "./governance/parameters.js";
export {
  MAX_CHANGES,
  MAX_DOCUMENT_LENGTH,
  MAX_OPEN_PROPOSALS,
  MAX_TITLE_LENGTH,
  MAX_UPGRADE_HEIGHT,
  MAX_UPGRADE_NAME_LENGTH,
} from "./governance/proposals.js";
export { MAX_BOOKING_DELAY } from "./market/market.js";
export { MAX_PAYMENT_DATES, MAX_POOL_LIFE, MAX_POOL_RATE, MAX_TRANCHES } from "./pools/check-terms.js";
export { MAX_PERIODS_PER_CLAIM } from "./pools/claim.js";
export { LATE_PERIOD } from "./pools/distribution.js";
export { MAX_INVOICE_NUMBER_LENGTH } from "./receivables/invoice-key.js";
export { MAX_DISCOUNT_RATE, MAX_HOLDINGS, MAX_ISSUE_DATE_LEAD, MAX_TERM } from "./receivables/receivables.js";
export { MAX_STAKE } from "./staking/move-stake.js";
export { MAX_REDELEGATIONS, REDELEGATIONS_PER_CALL } from "./staking/slashing.js";
export { MAX_VALIDATOR_NAME_LENGTH, MAX_WEBSITE_LENGTH, MAX_WITHDRAWALS } from "./staking/staking.js";
export { MAX_DEMOTIONS } from "./staking/validator-set.js";
export { MAX_ANCHOR_LEAD } from "./telemetry/telemetry.js";
export { MAX_DECIMALS, MAX_NAME_LENGTH, MAX_SYMBOL_LENGTH } from "./tokens/tokens.js";
export { CLOCK_TOLERANCE, OVERDUE_PERIOD } from "./usage/usage.js";
