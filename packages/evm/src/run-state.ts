import type { ExecResult } from "@ethereumjs/evm";

/** What EthereumJS keeps of a frame that runs. It exports neither type. */
export type RunState = NonNullable<ExecResult["runState"]>;
export type EthereumJsInterpreter = RunState["interpreter"];
