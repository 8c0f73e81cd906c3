export { allocate } from "./allocate.js";
export {
  addBusinessDays,
  adjust,
  type BusinessDayConvention,
  type Calendar,
  isBusinessDay,
  MAX_CLOSED_DAYS,
} from "./calendar.js";
export {
  type CivilDate,
  civilDate,
  daysInMonth,
  epochDay,
  isLeapYear,
  MAX_YEAR,
  MIN_YEAR,
  weekday,
} from "./civil-date.js";
export { type DayCountConvention, dayCount, type Fraction } from "./day-count.js";
export { type ClassTerms, type Condition, checkDeal, type Deal, type Step, standardSteps } from "./deal.js";
export { FinanceError, type FinanceErrorCode } from "./finance-error.js";
export { discount, interest, RATE_SCALE } from "./interest.js";
export { type DealState, initialState, type PrincipalMode, type WaterfallInputs } from "./period.js";
export { divide, type RoundingMode, roundHalfUp } from "./rounding.js";
export { type ClassResult, runWaterfall, type StepResult, type WaterfallResult } from "./waterfall.js";
