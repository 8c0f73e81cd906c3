import { parseAbi } from "abitype";
import { addresses } from "./address.js";

/** The numbers of the parameters that a vote can change. Rates are 1e-8, times seconds, amounts wei. */
export const chainParameter = {
  blockGasLimit: 0,
  minBaseFee: 1,
  scheduledGasLimit: 2,
  feeCollector: 3,
  maxBlockBytes: 4,
  fixedValidators: 5,
  maxValidators: 6,
  epochBlocks: 7,
  unbondingTime: 8,
  minSelfStake: 9,
  issuanceRate: 10,
  signedWindow: 11,
  maxMissed: 12,
  downtimeJail: 13,
  downtimeSlash: 14,
  doubleSignSlash: 15,
  votingPeriod: 16,
  minDeposit: 17,
  quorum: 18,
  threshold: 19,
  veto: 20,
  maxBaseFee: 21,
} as const;

export const voteChoice = { none: 0, yes: 1, no: 2, abstain: 3, veto: 4 } as const;

/**
 * A proposal that passed but could not be carried out any more has failed. One that was displaced has made room for another
 * with a higher deposit.
 */
export const proposalState = {
  voting: 0,
  passed: 1,
  rejected: 2,
  quorumMissed: 3,
  vetoed: 4,
  failed: 5,
  displaced: 6,
} as const;

/**
 * Parameters and upgrades by vote of stake. A delegator votes with the stake it has with one validator; the validator
 * votes for the stake whose owners did not. Votes count as many shares as the voter still has at the end, with the
 * validators that are active then. The deposit comes back unless the quorum is missed or the proposal vetoed.
 */
export const governanceAbi = parseAbi([
  "struct Change { uint8 parameter; uint256 value; }",
  "struct ParameterView { uint8 parameter; string name; uint256 value; uint256 lowest; uint256 highest; }",
  "struct Tally { uint256 active; uint256 yes; uint256 no; uint256 abstain; uint256 veto; }",
  "struct ProposalView { uint64 id; address proposer; string title; string document; uint8 state; uint64 votingEnd; uint256 deposit; Change[] changes; string upgradeName; uint64 upgradeHeight; Tally tally; }",

  "function proposeParameters(string title, string document, Change[] changes) payable returns (uint64 id)",
  "function proposeUpgrade(string title, string document, string name, uint64 height) payable returns (uint64 id)",
  "function vote(uint64 id, uint8 choice, address validator)",
  "function voteAsValidator(uint64 id, uint8 choice)",
  "function withdrawDeposit(uint64 id)",
  "function stakeReduced(address delegator, address validator, uint256 shares)",
  "function close(uint64 id)",

  "function parameter(uint8 parameter) view returns (uint256)",
  "function parameters() view returns (ParameterView[])",
  "function upgrade() view returns (string name, uint64 height)",
  "function proposal(uint64 id) view returns (ProposalView)",
  "function proposals(bytes cursor, uint32 limit) view returns (ProposalView[] page, bytes next)",
  "function openProposals() view returns (uint64[])",
  "function voteOf(uint64 id, address validator, address delegator) view returns (uint8 choice, uint256 shares)",
  "function validatorVoteOf(uint64 id, address validator) view returns (uint8 choice)",
  "function tally(uint64 id) view returns (Tally)",
  "function burnt() view returns (uint256)",

  "event Proposed(uint64 indexed id, address indexed proposer, string title, string document, Change[] changes, string upgradeName, uint64 upgradeHeight, uint64 votingEnd, uint256 deposit)",
  "event Voted(uint64 indexed id, address indexed delegator, address indexed validator, uint8 choice, uint256 shares)",
  "event ValidatorVoted(uint64 indexed id, address indexed validator, uint8 choice)",
  "event Closed(uint64 indexed id, uint8 state, Tally tally)",
  "event ParameterChanged(uint8 indexed parameter, uint256 value)",
  "event UpgradeDecided(string name, uint64 height)",
  "event DepositReturned(uint64 indexed id, address indexed proposer, uint256 amount)",
  "event DepositBurnt(uint64 indexed id, uint256 amount)",

  "error OnlyStaking(address who)",
  "error BadTitle(string title, uint32 longest)",
  "error BadDocument(string document, uint32 longest)",
  "error DepositTooLow(uint256 deposit, uint256 least)",
  "error TooManyProposals(uint8 most)",
  "error BadChangeCount(uint256 count, uint8 most)",
  "error UnknownParameter(uint8 parameter)",
  "error ParameterOutOfRange(uint8 parameter, uint256 value, uint256 lowest, uint256 highest)",
  "error ParametersDisagree(uint8 parameter, uint8 other)",
  "error BadUpgradeName(string name, uint32 longest)",
  "error UpgradeTooEarly(uint64 height, uint64 earliest)",
  "error UpgradeTooLate(uint64 height, uint64 latest)",
  "error UnknownProposal(uint64 id)",
  "error NotVoting(uint64 id)",
  "error BadChoice(uint8 choice)",
  "error NoStake(address delegator, address validator)",
  "error NothingToWithdraw(uint64 id)",

  // Of contracts that are called.
  "error UnknownValidator(address operator)",
]);

export const governance = { address: addresses.governance, abi: governanceAbi } as const;
