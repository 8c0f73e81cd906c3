/** Why a node does not start. */
export type NodeErrorCode =
  | "otherGenesis"
  | "notTheValidator"
  | "validatorsChange"
  | "badAddress"
  | "cometMissing"
  | "cometEnded";

export class NodeError extends Error {
  override readonly name = "NodeError";
  readonly code: NodeErrorCode;
  constructor(code: NodeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
