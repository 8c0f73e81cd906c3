export * from "./address.js";
export { assetClass, assets, assetsAbi } from "./assets.js";
export { ruffDevelopment } from "./chain.js";
export { devices, devicesAbi, keyType } from "./devices.js";
export { chainParameter, governance, governanceAbi, proposalState, voteChoice } from "./governance.js";
export { keychain, keychainAbi } from "./keychain.js";
export { market, marketAbi } from "./market.js";
export { nonces, noncesAbi } from "./nonces.js";
export {
  pool,
  poolAbi,
  poolDayCount,
  poolPhase,
  poolPrincipal,
  poolStep,
  pools,
  poolsAbi,
} from "./pools.js";
export { moveReason, receivableState, receivables, receivablesAbi } from "./receivables.js";
export { rightRecord, rightScope, rights, rightsAbi } from "./rights.js";
export { STAKE_PER_POWER, staking, stakingAbi, validatorProofMessage } from "./staking.js";
export { systemContractReferences } from "./system-contracts.js";
export { anchorRecord, NO_POSITION, telemetry, telemetryAbi, telemetryFault } from "./telemetry.js";
export { token, tokenAbi } from "./token.js";
export { tokens, tokensAbi } from "./tokens.js";
export { sessionState, usage, usageAbi } from "./usage.js";
