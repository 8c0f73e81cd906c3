// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0x525546460000000000000000000000000000000d.
interface IGovernance {
    struct Change {
        uint8 parameter;
        uint256 value;
    }

    struct ParameterView {
        uint8 parameter;
        string name;
        uint256 value;
        uint256 lowest;
        uint256 highest;
    }

    struct Tally {
        uint256 active;
        uint256 yes;
        uint256 no;
        uint256 abstain;
        uint256 veto;
    }

    struct ProposalView {
        uint64 id;
        address proposer;
        string title;
        string document;
        uint8 state;
        uint64 votingEnd;
        uint256 deposit;
        Change[] changes;
        string upgradeName;
        uint64 upgradeHeight;
        Tally tally;
    }

    event Proposed(uint64 indexed id, address indexed proposer, string title, string document, Change[] changes, string upgradeName, uint64 upgradeHeight, uint64 votingEnd, uint256 deposit);
    event Voted(uint64 indexed id, address indexed delegator, address indexed validator, uint8 choice, uint256 shares);
    event ValidatorVoted(uint64 indexed id, address indexed validator, uint8 choice);
    event Closed(uint64 indexed id, uint8 state, Tally tally);
    event ParameterChanged(uint8 indexed parameter, uint256 value);
    event UpgradeDecided(string name, uint64 height);
    event DepositReturned(uint64 indexed id, address indexed proposer, uint256 amount);
    event DepositBurnt(uint64 indexed id, uint256 amount);

    error OnlyStaking(address who);
    error BadTitle(string title, uint32 longest);
    error BadDocument(string document, uint32 longest);
    error DepositTooLow(uint256 deposit, uint256 least);
    error TooManyProposals(uint8 most);
    error BadChangeCount(uint256 count, uint8 most);
    error UnknownParameter(uint8 parameter);
    error ParameterOutOfRange(uint8 parameter, uint256 value, uint256 lowest, uint256 highest);
    error ParametersDisagree(uint8 parameter, uint8 other);
    error BadUpgradeName(string name, uint32 longest);
    error UpgradeTooEarly(uint64 height, uint64 earliest);
    error UpgradeTooLate(uint64 height, uint64 latest);
    error UnknownProposal(uint64 id);
    error NotVoting(uint64 id);
    error BadChoice(uint8 choice);
    error NoStake(address delegator, address validator);
    error NothingToWithdraw(uint64 id);
    error UnknownValidator(address operator);

    function proposeParameters(string calldata title, string calldata document, Change[] calldata changes) external payable returns (uint64 id);
    function proposeUpgrade(string calldata title, string calldata document, string calldata name, uint64 height) external payable returns (uint64 id);
    function vote(uint64 id, uint8 choice, address validator) external;
    function voteAsValidator(uint64 id, uint8 choice) external;
    function withdrawDeposit(uint64 id) external;
    function stakeReduced(address delegator, address validator, uint256 shares) external;
    function close(uint64 id) external;
    function parameter(uint8 parameter) external view returns (uint256);
    function parameters() external view returns (ParameterView[] memory);
    function upgrade() external view returns (string memory name, uint64 height);
    function proposal(uint64 id) external view returns (ProposalView memory);
    function proposals(bytes calldata cursor, uint32 limit) external view returns (ProposalView[] memory page, bytes memory next);
    function openProposals() external view returns (uint64[] memory);
    function voteOf(uint64 id, address validator, address delegator) external view returns (uint8 choice, uint256 shares);
    function validatorVoteOf(uint64 id, address validator) external view returns (uint8 choice);
    function tally(uint64 id) external view returns (Tally memory);
    function burnt() external view returns (uint256);
}
