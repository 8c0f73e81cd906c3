/** A mistake of the user: printed without a stack, with what to do next. */
export class CliError extends Error {
  readonly code = "usage";
}
