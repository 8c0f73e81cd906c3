import { chainParameter, governance } from "@ruffchain/abi";
import type { ViewContext } from "@ruffchain/kernel";
import type { ParameterName } from "./parameters.js";

type Reader = Pick<ViewContext<[], Record<never, never>>, "read">;

/** What the chain has a parameter set to, for other contracts. */
export function readParameter(ctx: Reader, name: ParameterName): bigint {
  return ctx.read(governance, "parameter", chainParameter[name]);
}
