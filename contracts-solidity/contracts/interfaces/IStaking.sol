// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0x525546460000000000000000000000000000000c.
interface IStaking {
    struct ValidatorView {
        address operator;
        bytes32 publicKey;
        address consensus;
        string name;
        string website;
        uint32 commission;
        uint32 maxCommission;
        uint32 maxCommissionChange;
        uint256 commissionOwed;
        uint256 stake;
        uint256 shares;
        bool candidate;
        bool active;
        uint64 power;
        bool jailed;
        uint64 jailedUntil;
        bool tombstoned;
        uint32 missed;
    }

    struct Member {
        address operator;
        bytes32 publicKey;
        uint256 stake;
        uint256 shares;
        uint64 power;
    }

    struct Delegation {
        address delegator;
        address validator;
        uint256 shares;
        uint256 stake;
        uint256 lockedShares;
        uint256 rewards;
    }

    struct Unbonding {
        address validator;
        uint256 amount;
        uint64 until;
    }

    struct Redelegation {
        address from;
        address to;
        uint256 shares;
        uint64 until;
    }

    struct Totals {
        uint256 active;
        uint256 bonded;
        uint256 unbonding;
        uint256 owed;
        uint256 issued;
        uint256 slashed;
        uint64 nextEpoch;
    }

    event ValidatorCreated(address indexed operator, bytes32 publicKey, address consensus, string name, string website, uint32 commission, uint32 maxCommission, uint32 maxCommissionChange);
    event ValidatorEdited(address indexed operator, string name, string website, uint32 commission);
    event Delegated(address indexed delegator, address indexed validator, uint256 amount, uint256 shares);
    event Undelegated(address indexed delegator, address indexed validator, uint256 amount, uint256 shares, uint64 until);
    event Redelegated(address indexed delegator, address indexed from, address indexed to, uint256 amount, uint64 until);
    event Withdrawn(address indexed delegator, uint256 paid, uint256 slashed);
    event RewardsClaimed(address indexed delegator, address indexed validator, uint256 paid);
    event CommissionClaimed(address indexed operator, uint256 paid);
    event RewardsAdded(uint256 issued, uint256 fees);
    event PowerChanged(address indexed operator, uint64 power);
    event Jailed(address indexed operator, uint64 until);
    event Unjailed(address indexed operator);
    event Tombstoned(address indexed operator, uint64 infractionHeight);
    event Slashed(address indexed operator, uint256 amount);
    event RedelegationSlashed(address indexed delegator, address indexed from, address indexed to, uint256 amount);

    error UnknownValidator(address operator);
    error AlreadyValidator(address operator);
    error KeyInUse(bytes32 publicKey);
    error BadProof(bytes32 publicKey);
    error BadName(string name, uint32 longest);
    error BadWebsite(string website, uint32 longest);
    error BadCommission(uint32 commission, uint32 highest);
    error CommissionChangeTooLarge(uint32 commission, uint32 current, uint32 largestChange);
    error CommissionChangedToday(uint64 since, uint64 next);
    error SelfStakeTooLow(uint256 stake, uint256 least);
    error StakeTooHigh(uint256 stake, uint256 highest);
    error ZeroAmount();
    error NotEnoughStake(address delegator, address validator, uint256 free, uint256 wanted);
    error SameValidator(address validator);
    error TooManyRedelegations(address delegator, address validator, uint8 most);
    error IsTombstoned(address operator);
    error NotJailed(address operator);
    error JailedUntil(address operator, uint64 until);
    error NothingToWithdraw(address delegator);
    error NothingToClaim(address account);

    function createValidator(bytes32 publicKey, bytes calldata proof, string calldata name, string calldata website, uint32 commission, uint32 maxCommission, uint32 maxCommissionChange) external payable;
    function editValidator(string calldata name, string calldata website, uint32 commission) external;
    function unjail() external;
    function delegate(address validator) external payable;
    function undelegate(address validator, uint256 amount) external returns (uint64 until);
    function redelegate(address from, address to, uint256 amount) external returns (uint64 until);
    function withdraw() external returns (uint256 paid);
    function claimRewards(address validator) external returns (uint256 paid);
    function claimCommission() external returns (uint256 paid);
    function slashRedelegations(address validator) external;
    function validator(address operator) external view returns (ValidatorView memory);
    function operatorOf(address consensus) external view returns (address);
    function validators(bytes calldata cursor, uint32 limit) external view returns (ValidatorView[] memory page, bytes memory next);
    function candidates(bytes calldata cursor, uint32 limit) external view returns (ValidatorView[] memory page, bytes memory next);
    function activeSet() external view returns (Member[] memory);
    function delegation(address delegator, address validator) external view returns (Delegation memory);
    function delegationsOf(address delegator, bytes calldata cursor, uint32 limit) external view returns (Delegation[] memory page, bytes memory next);
    function delegationsTo(address validator, bytes calldata cursor, uint32 limit) external view returns (Delegation[] memory page, bytes memory next);
    function unbondingsOf(address delegator, bytes calldata cursor, uint32 limit) external view returns (Unbonding[] memory page, bytes memory next);
    function redelegationsOf(address delegator, bytes calldata cursor, uint32 limit) external view returns (Redelegation[] memory page, bytes memory next);
    function totals() external view returns (Totals memory);
}
