export type FinanceErrorCode =
  | "divisor"
  | "negative"
  | "date"
  | "period"
  | "noBusinessDay"
  | "classes"
  | "steps"
  | "state"
  | "inputs";

export class FinanceError extends Error {
  override readonly name = "FinanceError";
  readonly code: FinanceErrorCode;
  constructor(code: FinanceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
