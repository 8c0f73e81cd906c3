/** Nobody: what ERC-20 and ERC-721 events name as the other side of minting and burning. */
export const ZERO_ADDRESS = `0x${"00".repeat(20)}` as const;
