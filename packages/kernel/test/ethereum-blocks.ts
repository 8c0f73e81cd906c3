import type { Hex } from "@ruffchain/abi";
import type { AccessListEntry, Log } from "@ruffchain/kernel";

/** What geth says of a transaction and its receipt. */
interface Executed {
  readonly raw: Hex;
  readonly hash: Hex;
  readonly type: 0 | 1 | 2;
  readonly nonce: number;
  readonly gasLimit: number;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly to: Hex | null;
  readonly value: bigint;
  readonly data: Hex;
  readonly accessList: readonly AccessListEntry[];
  readonly yParity: 0 | 1;
  readonly succeeded: boolean;
  readonly gasUsed: number;
  readonly logs: readonly Log[];
}

interface EthereumBlock {
  readonly transactionsRoot: Hex;
  readonly receiptsRoot: Hex;
  readonly transactions: readonly Executed[];
}

export const chainId = 0xc72dd9d5e883e;
export const sender = "0x7435ed30a8b4aeb0877cef0c6e8cffe834eb865f";

const transfer = {
  gasLimit: 21_000,
  maxFeePerGas: 0x44103f3n,
  maxPriorityFeePerGas: 0x44103f3n,
  value: 1n,
  data: "0x",
  accessList: [],
  yParity: 0,
  succeeded: true,
  gasUsed: 21_000,
  logs: [],
} as const;

const price = { maxFeePerGas: 0xbc1579n, maxPriorityFeePerGas: 0xbc1579n };
const contract = "0x7dcd17433742f4c0ca53122ab541d0ba67fc27df";

/** Blocks of the test chains of ethereum/execution-apis (CC0), as eth_getBlockByNumber and eth_getBlockReceipts show them. */
export const ethereumBlocks: readonly EthereumBlock[] = [
  {
    transactionsRoot: "0x629794cb0634ec45415a05e987695425dab3c44f90243ff3ecd5b58184534828",
    receiptsRoot: "0x4b7fefa97a453e0ee0cea1d51ca4ab3729f3a2a6a8388a5a3b13765eec3720b7",
    transactions: [
      {
        ...transfer,
        type: 2,
        nonce: 0x46,
        to: "0x16c57edf7fa9d9525378b0b81bf8a3ced0620c1c",
        maxPriorityFeePerGas: 1n,
        hash: "0x523c9eee4fbad0c69269e9cf5191e87328b85da67a93a2927eca72f52b839acf",
        raw: "0x02f86d870c72dd9d5e883e460184044103f38252089416c57edf7fa9d9525378b0b81bf8a3ced0620c1c0180c080a064f0ece3d8eea54fac19daedeae5ed4a559f66b989015e69b36e0a844307b5e9a03e404d94bf706390fa00f763067b8d1f48563b0e0fc7361d57450bc2302e72d0",
      },
      {
        ...transfer,
        type: 1,
        nonce: 0x47,
        to: "0x717f8aa2b982bee0e29f573d31df288663e1ce16",
        hash: "0x89ac54352b14d3ab8d206c9c77f7081630ce2f06c9afeef6febc6c773594bf2b",
        raw: "0x01f86c870c72dd9d5e883e4784044103f382520894717f8aa2b982bee0e29f573d31df288663e1ce160180c080a0e3297ee465ad6ee50321a9bb059c3ff841024497231058ff5c18dda83f9ce65ea013ee45d648b994ff511c6816bbc308dffffb637f0538db986362454da37f639e",
      },
      {
        ...transfer,
        type: 0,
        nonce: 0x48,
        to: "0x4a0f1452281bcec5bd90c3dce6162a5995bfe9df",
        hash: "0xcc1e8ab47dc46bee11fe02aaa3954dc62f5eeeef4e785868f652bde0d7727486",
        raw: "0xf86a4884044103f3825208944a0f1452281bcec5bd90c3dce6162a5995bfe9df01808718e5bb3abd109fa0ce46e3b261be5befaccaba0eb6c85ccecd898a911158f65557dc049500462f03a01cb579c2c1ed72242ee6bc4da514f09f518f72a8183dbe3233d10d60fd334b6a",
      },
    ],
  },
  {
    transactionsRoot: "0x202eb88784048d0f01203cf23bf76f8b3b6ce50593bf02394236e581b0cda3c4",
    receiptsRoot: "0xbb6327ad313a13d595c002721d2e36d03660f87e02b0258907cf6ff2264c0cdf",
    transactions: [
      {
        ...price,
        type: 0,
        nonce: 0x10b,
        gasLimit: 0x1935a,
        to: null,
        value: 0n,
        data: "0x435b8080556001015a6161a810600157",
        accessList: [],
        yParity: 0,
        succeeded: false,
        gasUsed: 0x1935a,
        logs: [],
        hash: "0xfbd13e995612d8d341dcb4bfc031b470a0edd13fd49070d5c193ed12f9c5d5af",
        raw: "0xf86882010b83bc15798301935a808090435b8080556001015a6161a8106001578718e5bb3abd109fa08241e3bf52753a76edb6c352264fd2d4e102de485bdeabd503bdde9e558c05c5a026770038d4588f8ab85b4a5384a89e5ac5649a003d3f015886d358bf998e0bb1",
      },
      {
        ...price,
        type: 0,
        nonce: 0x10c,
        gasLimit: 100_000,
        to: contract,
        value: 2n,
        data: "0xc0bedaee9688c14f656d6974",
        accessList: [],
        yParity: 1,
        succeeded: false,
        gasUsed: 100_000,
        logs: [],
        hash: "0xd69411463f647c80344f8ad02d96c0f8efa9ae1802822c50a5acfde0a18476c7",
        raw: "0xf87882010c83bc1579830186a0947dcd17433742f4c0ca53122ab541d0ba67fc27df028cc0bedaee9688c14f656d69748718e5bb3abd10a0a0067a1c1a7bf0edab4dfe4d5ac69ed259e9ab27d43cfdab981da242f6a2dc492fa078c3f3a47d704e35d8cba23e899b577e2fe6bc9de52cc209f048b1ead51294e9",
      },
      {
        ...transfer,
        ...price,
        type: 0,
        nonce: 0x10d,
        to: "0x2d389075be5be9f2246ad654ce152cf05990b209",
        logs: [
          {
            address: "0xfffffffffffffffffffffffffffffffffffffffe",
            topics: [
              "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
              "0x0000000000000000000000007435ed30a8b4aeb0877cef0c6e8cffe834eb865f",
              "0x0000000000000000000000002d389075be5be9f2246ad654ce152cf05990b209",
            ],
            data: Buffer.from("1".padStart(64, "0"), "hex"),
          },
        ],
        hash: "0x2aa09d0fae065997eb655577e3aad4e3f7d7a00cb41b13a4a342632ee3077fde",
        raw: "0xf86b82010d83bc1579825208942d389075be5be9f2246ad654ce152cf05990b20901808718e5bb3abd109fa0d408e7af6046161ac1dd12ea4613d82c31697d8553b1c9598ac9592e274a8257a016385f6564f97b66f289839c9ecd75781255e0fd3fe61dbd1eda451d2d660665",
      },
      {
        ...price,
        type: 1,
        nonce: 0x10e,
        gasLimit: 100_000,
        to: contract,
        value: 2n,
        data: "0xf45c67f85ad0757b656d6974",
        accessList: [
          {
            address: contract,
            storageKeys: [
              "0x0000000000000000000000000000000000000000000000000000000000000000",
              "0x8bc725bddcc53ab5a3291bdf1e8c2c709c16887e12089a1494266be69be2f834",
            ],
          },
        ],
        yParity: 1,
        succeeded: false,
        gasUsed: 100_000,
        logs: [],
        hash: "0x40e0b6c64aa634ee3dade317e573e7cbdfcea3fe1671717e06bdbe5d3bf5e5f1",
        raw: "0x01f8d6870c72dd9d5e883e82010e83bc1579830186a0947dcd17433742f4c0ca53122ab541d0ba67fc27df028cf45c67f85ad0757b656d6974f85bf859947dcd17433742f4c0ca53122ab541d0ba67fc27dff842a00000000000000000000000000000000000000000000000000000000000000000a08bc725bddcc53ab5a3291bdf1e8c2c709c16887e12089a1494266be69be2f83401a094d8337240f0d056e49a799c3b59e0d4df0fb1f0961f07383b590ac363e28e05a01dc909431002c4e5ec9257e8dd26ad58473eb718d88a7da95082fce3e71aa372",
      },
    ],
  },
];
