import { systemContracts } from "@ruffchain/contracts";
import { EthereumJsEvm } from "@ruffchain/evm";
import type { ApplicationOptions } from "@ruffchain/kernel";

/** What decides how blocks are executed, the same wherever the chain is opened to go on. */
export function chainRules(): Pick<ApplicationOptions, "contracts" | "evm"> {
  return { contracts: systemContracts, evm: new EthereumJsEvm() };
}
