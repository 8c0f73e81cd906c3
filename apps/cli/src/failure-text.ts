import { HttpRequestError } from "viem";

/**
 * What a person reads of an error: what is wrong and what to do next. Only an error that nobody foresaw comes with its
 * stack: it is a fault of ours.
 */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const unreachable = causesOf(error).find((cause) => cause instanceof HttpRequestError);
  if (unreachable) return noAnswer(unreachable);
  if ("shortMessage" in error) return fromNode(error);
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" && path) return `there is no file or folder ${path}`;
  if (code === "EADDRINUSE") return `${error.message}: another node? Choose another port, or 0 for a free one`;
  return code === undefined ? `this is a fault of ruff itself: ${error.stack}` : error.message;
}

function causesOf(error: Error): Error[] {
  return error.cause instanceof Error ? [error, ...causesOf(error.cause)] : [error];
}

function noAnswer(error: HttpRequestError): string {
  const { url, status } = error;
  if (status !== undefined) return `${url} answered with HTTP status ${status}: is it the JSON-RPC address of a node?`;
  return `no node answers at ${url} (${causesOf(error).at(-1)?.message}).
  Start one:    ruff node --dev
  Ask another:  --rpc <url>, or RUFF_RPC`;
}

/** viem's errors carry a short message and, behind it, the node's own words: of a revert those say all. */
function fromNode({ shortMessage, details }: Error & { shortMessage?: unknown; details?: unknown }): string {
  const [, reason] = /^execution reverted: (.*)$/s.exec(String(details)) ?? [];
  if (reason !== undefined) return `the chain refuses: ${reason}`;
  return [shortMessage, details].filter((part) => typeof part === "string" && part !== "").join("\n  ");
}
