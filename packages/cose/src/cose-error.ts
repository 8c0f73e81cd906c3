/** Why a message is refused. */
export type CoseErrorCode = "malformed" | "unsupportedAlgorithm" | "tooLarge" | "notInteger" | "indexOutOfRange";

export class CoseError extends Error {
  override readonly name = "CoseError";
  readonly code: CoseErrorCode;
  constructor(code: CoseErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
