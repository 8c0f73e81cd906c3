/** Why a source is not verified, in the words of Sourcify's API. */
export type SourceErrorCode =
  | "invalid_parameter"
  | "unsupported_language"
  | "unsupported_compiler_version"
  | "compiler_error"
  | "compiler_timeout"
  | "contract_not_found"
  | "unlinked_library"
  | "contract_not_deployed"
  | "no_match"
  | "already_verified"
  | "unsupported_chain"
  | "job_not_found"
  | "too_many_requests"
  | "internal_error";

export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly code: SourceErrorCode;
  constructor(code: SourceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
