// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at each address that begins with 0x525546465000000000000000.
interface IPool {
    struct TrancheTerms {
        string name;
        string symbol;
        uint128 face;
        uint64 rate;
        uint8 dayCount;
    }

    struct Step {
        uint8 kind;
        uint8 target;
    }

    struct PoolTerms {
        string name;
        address currency;
        address servicer;
        uint128 seniorFee;
        uint64 servicingRate;
        uint128 reserve;
        uint128 overcollateralization;
        uint8 principalMode;
        uint32 recordLag;
        uint128 initialValue;
        uint64[] paymentDates;
        uint128[] values;
        TrancheTerms[] tranches;
        Step[] steps;
    }

    struct PoolView {
        address originator;
        string name;
        address currency;
        address servicer;
        uint128 seniorFee;
        uint64 servicingRate;
        uint128 reserve;
        uint128 overcollateralization;
        uint8 principalMode;
        uint32 recordLag;
        uint128 initialValue;
        uint64[] paymentDates;
        uint128[] values;
        Step[] steps;
        uint8 tranches;
    }

    struct StatusView {
        uint8 phase;
        uint64 closedAt;
        uint32 periods;
        uint64 nextPaymentDate;
        uint256 owed;
        uint256 reserve;
        uint256 retained;
        uint256 feesShort;
        uint256 servicingShort;
    }

    struct TrancheView {
        address token;
        uint128 face;
        uint64 rate;
        uint8 dayCount;
        uint128 subscribed;
        uint256 balance;
        uint256 interestShort;
    }

    struct StepResult {
        uint8 kind;
        uint8 target;
        uint256 due;
        uint256 paid;
    }

    struct TrancheResult {
        uint256 interestDue;
        uint256 interestPaid;
        uint256 principalPaid;
        uint256 balance;
    }

    struct Report {
        uint32 period;
        uint64 date;
        uint64 recordTime;
        uint256 collected;
        uint256 value;
        uint256 reserveDraw;
        uint256 fees;
        uint256 residual;
        StepResult[] steps;
        TrancheResult[] tranches;
    }

    event Subscribed(uint8 indexed tranche, address indexed investor, uint128 units);
    event Unsubscribed(uint8 indexed tranche, address indexed investor, uint128 units);
    event Closed(uint256 proceeds, uint256 reserve);
    event Distributed(uint32 indexed period, uint64 date, uint64 recordTime, uint256 collected, uint256 reserveDraw, uint256 fees, uint256 residual);
    event TranchePaid(uint32 indexed period, uint8 indexed tranche, uint256 interestDue, uint256 interestPaid, uint256 principalPaid, uint256 balance);
    event Claimed(uint8 indexed tranche, address indexed holder, uint256 paid, uint32 throughPeriod);
    event Withdrawn(address indexed account, uint256 paid);

    error OnlyPools(address who);
    error NoPool(address pool);
    error UnknownTranche(uint8 tranche);
    error WrongPhase(uint8 phase);
    error NotOriginator(address who);
    error ZeroAmount();
    error Oversubscribed(uint8 tranche, uint128 units, uint128 left);
    error ProceedsBelowReserve(uint256 proceeds, uint256 reserve);
    error ClosesTooLate(uint64 time, uint64 latest);
    error NotDue(uint64 time, uint64 due);
    error NothingToPay(address account);
    error UnknownPeriod(uint32 period);
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    error ERC20InvalidReceiver(address receiver);
    error EnforcedPause();

    function initialize(address originator, PoolTerms calldata terms) external;
    function subscribe(uint8 tranche, uint128 units) external;
    function unsubscribe(uint8 tranche, uint128 units) external;
    function close() external;
    function distribute() external;
    function runPaymentDate(uint32 period) external;
    function claim(uint8 tranche) external returns (uint256 paid);
    function withdraw() external returns (uint256 paid);
    function terms() external view returns (PoolView memory);
    function status() external view returns (StatusView memory);
    function trancheOf(uint8 tranche) external view returns (TrancheView memory);
    function tranches() external view returns (TrancheView[] memory);
    function report(uint32 period) external view returns (Report memory);
    function reports(bytes calldata cursor, uint32 limit) external view returns (Report[] memory page, bytes memory next);
    function claimable(uint8 tranche, address holder) external view returns (uint256);
    function claimed(uint8 tranche, address holder) external view returns (uint256);
    function creditOf(address account) external view returns (uint256);
}
