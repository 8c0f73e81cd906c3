import type { AbiParameter } from "abitype";

/** The canonical signature that selectors and topics are hashes of, e.g. "transfer(address,uint256)". */
export function canonicalSignature(name: string, inputs: readonly AbiParameter[]): string {
  return `${name}(${inputs.map(canonicalType).join(",")})`;
}

function canonicalType(parameter: AbiParameter): string {
  if (!parameter.type.startsWith("tuple")) return parameter.type;
  const { components } = parameter as { components: readonly AbiParameter[] };
  return `(${components.map(canonicalType).join(",")})${parameter.type.slice("tuple".length)}`;
}
