import { market } from "@ruffchain/abi";
import { type Address, type Client, decodeFunctionData, type Hex, isAddressEqual, type LocalAccount } from "viem";
import { Relay } from "viem/tempo";

interface Call {
  readonly to?: Address | null | undefined;
  readonly data?: Hex | undefined;
  readonly value?: bigint | undefined;
}

/** Most gas that the firm pays for one booking. */
export const MAX_SPONSORED_GAS = 2_000_000n;

/**
 * The firm's relay: it signs as fee payer what it wants to pay for, which is the booking of its own car and the approval of
 * the money for it, and nothing else.
 */
export function createSponsor(options: {
  readonly client: Client & { chain: { id: number } };
  readonly firm: LocalAccount;
  readonly currency: Address;
  readonly card: bigint;
}): (request: Request) => Promise<Response> {
  const { client, firm, currency, card } = options;
  const isBooking = ({ to, data = "0x", value = 0n }: Call): boolean => {
    if (!to || value !== 0n) return false;
    if (isAddressEqual(to, currency)) return isApproval(data);
    if (!isAddressEqual(to, market.address)) return false;
    const call = decodeFunctionData({ abi: market.abi, data });
    return call.functionName === "book" && call.args[0] === card;
  };
  const relay = Relay.create({
    client,
    resolveTokens: () => [],
    plugins: [
      Relay.feePayer({
        account: firm,
        name: "Swift Cars",
        validate: ({ calls = [], gas }) =>
          calls.length > 0 && (gas ?? 0n) <= MAX_SPONSORED_GAS && (calls as readonly Call[]).every(isBooking),
      }),
    ],
  });
  return (request) => relay.fetch(request);
}

const APPROVE = "0x095ea7b3";

/** approve(market, …) */
function isApproval(data: Hex): boolean {
  return data.startsWith(APPROVE) && `0x${data.slice(34, 74)}` === market.address.toLowerCase();
}
