/** What is no fault of ours: a mistake, something that is not there or does not hold. Said without a stack, with what to do next. */
export class CliError extends Error {
  readonly code = "cli";
}
