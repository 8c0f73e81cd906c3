import { LightError, type LightErrorCode } from "@ruffchain/light";

/** The code of the LightError that a call throws; undefined if it throws none. */
export function codeOf(call: () => unknown): LightErrorCode | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof LightError) return error.code;
    throw error;
  }
  return undefined;
}
