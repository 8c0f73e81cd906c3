import type { Backend } from "./backend.js";
import type { Params } from "./params.js";

/** Answers a call with a value that JSON can hold. */
export type Method = (params: Params, backend: Backend) => unknown;
export type Methods = Readonly<Record<string, Method>>;
