import type { Address } from "viem";

/** What the page has to know: where the chain is, and which car the firm offers. */
export interface Offer {
  readonly rpc: string;
  readonly chainId: number;
  readonly currency: Address;
  /** Numbers of the asset and of its rate card. */
  readonly asset: string;
  readonly card: string;
}
