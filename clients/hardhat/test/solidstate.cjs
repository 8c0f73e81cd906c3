// SolidState's specifications of its contracts, as its package carries them, against the network that Hardhat is told.
const { ethers } = require("hardhat");
const { hardhatChaiMatchers } = require("@nomicfoundation/hardhat-chai-matchers/internal/hardhatChaiMatchers");
const spec = require("@solidstate/spec");

// The specifications have a Chai of their own.
require(require.resolve("chai", { paths: [require.resolve("@solidstate/spec")] })).use(hardhatChaiMatchers);

const deploy = async (name, ...args) => (await ethers.deployContract(name, args)).waitForDeployment();
/** Each test gets a contract of its own; `instance` is the newest. */
let instance;
const fresh =
  (name, ...args) =>
  async () => {
    instance = await deploy(name, ...args);
    return instance;
  };
const signer = (index) => async () => (await ethers.getSigners())[index];

describe("SolidState", () => {
  spec.describeBehaviorOfSolidStateERC20(
    fresh("Fungible", "Metres", "M", 18, 1000n),
    {
      name: "Metres",
      symbol: "M",
      decimals: 18n,
      supply: 1000n,
      mint: (account, amount) => instance.mint(account, amount),
      burn: (account, amount) => instance.burn(account, amount),
      allowance: (holder, spender) => instance.allowance(holder, spender),
    },
    // It sets the time of the next block, which no public chain lets a client do.
    ["::ERC20Permit"],
  );

  spec.describeBehaviorOfSolidStateERC721(fresh("NonFungible", "Cars", "C", "https://cars.example/"), {
    name: "Cars",
    symbol: "C",
    tokenURI: "https://cars.example/",
    supply: 0n,
    mint: (account, id) => instance.mint(account, id),
    burn: (id) => instance.burn(id),
  });

  spec.describeBehaviorOfSolidStateERC1155(fresh("Multi"), {
    tokenURI: "",
    tokenId: 4n,
    transfer: (from, to, id, amount) =>
      instance.connect(from).safeTransferFrom(from.address, to.address, id, amount, "0x"),
    mint: (account, id, amount) => instance.mint(account, id, amount),
    burn: (account, id, amount) => instance.burn(account, id, amount),
  });

  spec.describeBehaviorOfECDSAMultisigWallet(
    async () => {
      const signers = (await ethers.getSigners()).slice(0, 3).map(({ address }) => address);
      return fresh("Multisig", signers, 2)();
    },
    {
      getSigners: async () => (await ethers.getSigners()).slice(0, 3),
      getNonSigner: signer(3),
      quorum: 2n,
      getVerificationAddress: () => instance.getAddress(),
    },
  );

  spec.describeBehaviorOfSafeOwnable(fresh("Diamond"), {
    getOwner: signer(0),
    getNomineeOwner: signer(1),
    getNonOwner: signer(2),
  });
});
