import { assets } from "./assets.js";
import { devices } from "./devices.js";
import { governance } from "./governance.js";
import { keychain } from "./keychain.js";
import { market } from "./market.js";
import { nonces } from "./nonces.js";
import { pools } from "./pools.js";
import { receivables } from "./receivables.js";
import { rights } from "./rights.js";
import { staking } from "./staking.js";
import { telemetry } from "./telemetry.js";
import { tokens } from "./tokens.js";
import { usage } from "./usage.js";

/** The system contracts with a fixed address, by name. */
export const systemContractReferences = {
  tokens,
  devices,
  assets,
  telemetry,
  rights,
  market,
  usage,
  pools,
  receivables,
  staking,
  governance,
  nonces,
  keychain,
} as const;
