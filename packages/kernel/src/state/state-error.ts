/** Why a state cannot be read. */
export type StateErrorCode = "heightNotKept" | "formatVersion" | "emptyTree" | "restoring";

export class StateError extends Error {
  readonly code: StateErrorCode;
  constructor(code: StateErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
