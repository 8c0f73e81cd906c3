export type { Context, Contract, ContractCrypto, ContractReference, ViewContext } from "./contract/contract.js";
export { contract } from "./contract/contract.js";
export { OutOfGas, Revert } from "./contract/revert.js";
export { type Page, type Row, type Table, table } from "./contract/table.js";
