import { parseAbi } from "abitype";
import { type Address, addresses } from "./address.js";

/** Wei of stake for one unit of a validator's voting power. */
export const STAKE_PER_POWER = 10n ** 18n;

/** What a validator's consensus key signs (Ed25519, over UTF-8) so that nobody registers another's key. */
export function validatorProofMessage(chainId: number, operator: Address): string {
  return `Ruff Chain validator\nchain ${chainId}\noperator ${operator.toLowerCase()}`;
}

/**
 * Delegated proof of stake with the native token. Amounts are wei, times seconds, rates 1e-8. A validator is named by its
 * operator's address, for the engine by its consensus address (the first 20 bytes of the key's SHA-256). Stake is held in
 * shares of the validator: a slash lowers what each share is worth. Stake that leaves waits for the unbonding time and
 * answers meanwhile for what the validator did before; stake that came by redelegation stays that long where it is.
 */
export const stakingAbi = parseAbi([
  "struct ValidatorView { address operator; bytes32 publicKey; address consensus; string name; string website; uint32 commission; uint32 maxCommission; uint32 maxCommissionChange; uint256 commissionOwed; uint256 stake; uint256 shares; bool candidate; bool active; uint64 power; bool jailed; uint64 jailedUntil; bool tombstoned; uint32 missed; }",
  "struct Member { address operator; bytes32 publicKey; uint256 stake; uint256 shares; uint64 power; }",
  "struct Delegation { address delegator; address validator; uint256 shares; uint256 stake; uint256 lockedShares; uint256 rewards; }",
  "struct Unbonding { address validator; uint256 amount; uint64 until; }",
  "struct Redelegation { address from; address to; uint256 shares; uint64 until; }",
  "struct Totals { uint256 active; uint256 bonded; uint256 unbonding; uint256 owed; uint256 issued; uint256 slashed; uint64 nextEpoch; }",

  "function createValidator(bytes32 publicKey, bytes proof, string name, string website, uint32 commission, uint32 maxCommission, uint32 maxCommissionChange) payable",
  "function editValidator(string name, string website, uint32 commission)",
  "function unjail()",
  "function delegate(address validator) payable",
  "function undelegate(address validator, uint256 amount) returns (uint64 until)",
  "function redelegate(address from, address to, uint256 amount) returns (uint64 until)",
  "function withdraw() returns (uint256 paid)",
  "function claimRewards(address validator) returns (uint256 paid)",
  "function claimCommission() returns (uint256 paid)",
  "function slashRedelegations(address validator)",

  "function validator(address operator) view returns (ValidatorView)",
  "function operatorOf(address consensus) view returns (address)",
  "function validators(bytes cursor, uint32 limit) view returns (ValidatorView[] page, bytes next)",
  "function candidates(bytes cursor, uint32 limit) view returns (ValidatorView[] page, bytes next)",
  "function activeSet() view returns (Member[])",
  "function delegation(address delegator, address validator) view returns (Delegation)",
  "function delegationsOf(address delegator, bytes cursor, uint32 limit) view returns (Delegation[] page, bytes next)",
  "function delegationsTo(address validator, bytes cursor, uint32 limit) view returns (Delegation[] page, bytes next)",
  "function unbondingsOf(address delegator, bytes cursor, uint32 limit) view returns (Unbonding[] page, bytes next)",
  "function redelegationsOf(address delegator, bytes cursor, uint32 limit) view returns (Redelegation[] page, bytes next)",
  "function totals() view returns (Totals)",

  "event ValidatorCreated(address indexed operator, bytes32 publicKey, address consensus, string name, string website, uint32 commission, uint32 maxCommission, uint32 maxCommissionChange)",
  "event ValidatorEdited(address indexed operator, string name, string website, uint32 commission)",
  "event Delegated(address indexed delegator, address indexed validator, uint256 amount, uint256 shares)",
  "event Undelegated(address indexed delegator, address indexed validator, uint256 amount, uint256 shares, uint64 until)",
  "event Redelegated(address indexed delegator, address indexed from, address indexed to, uint256 amount, uint64 until)",
  "event Withdrawn(address indexed delegator, uint256 paid, uint256 slashed)",
  "event RewardsClaimed(address indexed delegator, address indexed validator, uint256 paid)",
  "event CommissionClaimed(address indexed operator, uint256 paid)",
  "event RewardsAdded(uint256 issued, uint256 fees)",
  "event PowerChanged(address indexed operator, uint64 power)",
  "event Jailed(address indexed operator, uint64 until)",
  "event Unjailed(address indexed operator)",
  "event Tombstoned(address indexed operator, uint64 infractionHeight)",
  "event Slashed(address indexed operator, uint256 amount)",
  "event RedelegationSlashed(address indexed delegator, address indexed from, address indexed to, uint256 amount)",

  "error UnknownValidator(address operator)",
  "error AlreadyValidator(address operator)",
  "error KeyInUse(bytes32 publicKey)",
  "error BadProof(bytes32 publicKey)",
  "error BadName(string name, uint32 longest)",
  "error BadWebsite(string website, uint32 longest)",
  "error BadCommission(uint32 commission, uint32 highest)",
  "error CommissionChangeTooLarge(uint32 commission, uint32 current, uint32 largestChange)",
  "error CommissionChangedToday(uint64 since, uint64 next)",
  "error SelfStakeTooLow(uint256 stake, uint256 least)",
  "error StakeTooHigh(uint256 stake, uint256 highest)",
  "error ZeroAmount()",
  "error NotEnoughStake(address delegator, address validator, uint256 free, uint256 wanted)",
  "error SameValidator(address validator)",
  "error TooManyRedelegations(address delegator, address validator, uint8 most)",
  "error IsTombstoned(address operator)",
  "error NotJailed(address operator)",
  "error JailedUntil(address operator, uint64 until)",
  "error NothingToWithdraw(address delegator)",
  "error NothingToClaim(address account)",
]);

export const staking = { address: addresses.staking, abi: stakingAbi } as const;
