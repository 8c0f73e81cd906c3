import { MCLBLS, RustBN254 } from "@ethereumjs/evm";
import * as mcl from "mcl-wasm";
import { initRustBN } from "rustbn-wasm";

await mcl.init(mcl.BLS12_381);

/** BLS12-381 (EIP-2537) in WebAssembly: for the gas of an addition JavaScript would take a hundred times as long. */
export const bls = new MCLBLS(mcl);
bls.init();

/** BN254 (EIP-196, EIP-197) in WebAssembly. */
export const bn254 = new RustBN254(await initRustBN());
