export * from "./address.js";
export { market, marketAbi } from "./market.js";
export { pool, poolAbi, poolPhase, poolStep, pools, poolsAbi } from "./pools.js";
export { moveReason, receivableState, receivables, receivablesAbi } from "./receivables.js";
export { sessionState, usage, usageAbi } from "./usage.js";
