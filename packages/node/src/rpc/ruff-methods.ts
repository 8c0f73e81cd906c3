import { bytesToHex, keyFromBytes } from "@ruffchain/kernel";
import { encodeCommit, encodeHeader } from "@ruffchain/light";
import { MAX_STORE_KEY_BYTES } from "../store/lmdb-store.js";
import type { Methods } from "./method.js";
import { addressParam, blockParam, dataParam, stateParam } from "./params.js";
import { quantity } from "./quantity.js";
import { invalidParams, RpcError, rpcCode } from "./rpc-error.js";

const NO_BYTES = new Uint8Array(0);

/** What Ethereum does not have: proofs and signed headers for light clients. */
export const ruffMethods: Methods = {
  /** [key, block?] → the value of a state key (docs/state.md) after the block, with its ICS23 proof. */
  ruff_getProof: ([key, block], backend) => {
    const stateKey = dataParam(key, "key");
    if (stateKey.length === 0 || stateKey.length > MAX_STORE_KEY_BYTES) {
      throw invalidParams(`key: expected 1 to ${MAX_STORE_KEY_BYTES} bytes, got ${stateKey.length}`);
    }
    const height = stateParam(block, backend);
    const { application } = backend;
    return {
      height: quantity(height),
      key: bytesToHex(stateKey),
      value: bytesToHex(application.view(height).get(keyFromBytes(stateKey)) ?? NO_BYTES),
      proof: bytesToHex(application.prove(height, stateKey)),
      // The root stands in the header after: the one that a light client checks this proof with.
      provenBy: quantity(height + 1),
    };
  },
  /** [block?] → CometBFT's header and commit of a height, in protobuf. The header's app_hash is the root after the block before. */
  ruff_getCommit: async ([block], backend) => {
    const height = blockParam(block, backend);
    const signed = await backend.signedHeader(height);
    if (!signed) throw new RpcError(rpcCode.resourceNotFound, `there is no signed header of height ${height}`);
    return {
      height: quantity(height),
      time: signed.header.time.toString(),
      hash: bytesToHex(signed.commit.blockId.hash),
      appHash: bytesToHex(signed.header.appHash),
      header: bytesToHex(encodeHeader(signed.header)),
      commit: bytesToHex(encodeCommit(signed.commit)),
    };
  },
  /** [block?] → who decides the block of a height, up to the one after the newest. */
  ruff_getValidators: async ([block], backend) => {
    const height = blockParam(block, backend);
    const validators = await backend.validators(height);
    if (!validators) throw new RpcError(rpcCode.resourceNotFound, `the validators of height ${height} are not known`);
    return {
      height: quantity(height),
      validators: validators.map(({ publicKey, power }) => ({
        publicKey: bytesToHex(publicKey),
        power: power.toString(),
      })),
    };
  },
  /** [address] → the verified source of a contract, null where there is none. */
  ruff_getSource: ([address], { application, sources }) => {
    const source = sources.find(application.code(addressParam(address, "address"), application.head.height));
    if (!source) return null;
    const { match, contractIdentifier, compilerVersion, verifiedAt, abi, metadata, stdJsonInput } = source;
    return { match, contractIdentifier, compilerVersion, verifiedAt, abi, metadata, stdJsonInput };
  },
  ruff_getParameters: (_, { application }) => {
    const { minBaseFee, maxBaseFee, ...parameters } = application.parameters();
    const fees = { minBaseFee: minBaseFee.toString(), maxBaseFee: maxBaseFee.toString() };
    return { ...parameters, ...fees, burnt: application.chainHead().burnt.toString() };
  },
};
