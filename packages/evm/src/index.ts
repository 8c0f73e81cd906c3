export { EthereumJsEvm } from "./ethereumjs-evm.js";
