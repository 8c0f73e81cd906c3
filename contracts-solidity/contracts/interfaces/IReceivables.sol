// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0x525546460000000000000000000000000000000a.
interface IReceivables {
    struct Invoice {
        address buyer;
        string number;
        uint64 issueDate;
        uint64 dueDate;
        address currency;
        uint256 amount;
        bytes32 document;
    }

    struct ReceivableView {
        uint64 id;
        address seller;
        Invoice invoice;
        uint8 state;
        uint64 similarTo;
        uint256 paid;
        uint32 holdings;
    }

    struct HoldingView {
        uint64 id;
        uint64 receivable;
        address holder;
        uint256 amount;
        uint64 parent;
        uint32 tier;
    }

    struct AskView {
        uint64 holding;
        uint64 receivable;
        address seller;
        uint256 amount;
        uint64 rate;
    }

    event Registered(uint64 indexed id, address indexed seller, address indexed buyer, bytes32 key, Invoice invoice);
    event Similar(uint64 indexed id, uint64 indexed other);
    event Confirmed(uint64 indexed id, uint64 indexed holding, uint256 amount, uint64 dueDate);
    event Cancelled(uint64 indexed id);
    event Moved(uint64 indexed receivable, uint64 indexed parent, uint64 indexed created, address from, address to, uint256 amount, uint8 reason);
    event Asked(uint64 indexed holding, address indexed seller, uint256 amount, uint64 rate);
    event AskWithdrawn(uint64 indexed holding);
    event Financed(uint64 indexed holding, uint64 indexed created, address indexed funder, uint256 amount, uint256 price);
    event Settled(uint64 indexed id, uint256 amount);
    event Defaulted(uint64 indexed id, uint256 amount, uint256 balance, uint256 allowance);
    event Claimed(uint64 indexed receivable, uint64 indexed holding, address indexed holder, uint256 amount);

    error SelfInvoice(address buyer);
    error BadInvoiceNumber(string number);
    error ZeroAmount();
    error NotACurrency(address currency);
    error BadIssueDate(uint64 issueDate, uint64 latest);
    error BadDueDate(uint64 dueDate, uint64 earliest, uint64 latest);
    error AlreadyRegistered(uint64 id, bytes32 key);
    error UnknownReceivable(uint64 id);
    error UnknownKey(bytes32 key);
    error NotBuyer(uint64 id, address who);
    error NotSeller(uint64 id, address who);
    error WrongState(uint64 id, uint8 state);
    error PastDue(uint64 id, uint64 dueDate);
    error NotDue(uint64 id, uint64 dueDate);
    error HeldByOthers(uint64 id);
    error UnknownHolding(uint64 id);
    error NotHolder(uint64 holding, address who);
    error BadRecipient(address to);
    error AmountTooHigh(uint64 holding, uint256 amount, uint256 most);
    error BadReason(uint8 reason);
    error TooManyHoldings(uint64 receivable, uint32 most);
    error NoAsk(uint64 holding);
    error BadRate(uint64 rate, uint64 highest);
    error PriceAboveLimit(uint256 price, uint256 maxPrice);
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    error ERC20InvalidReceiver(address receiver);
    error EnforcedPause();

    function register(Invoice calldata invoice) external returns (uint64 id);
    function confirm(uint64 id) external;
    function cancel(uint64 id) external;
    function move(uint64 holding, address to, uint256 amount, uint8 reason) external returns (uint64 created);
    function ask(uint64 holding, uint256 amount, uint64 rate) external;
    function withdrawAsk(uint64 holding) external;
    function finance(uint64 holding, uint256 amount, uint256 maxPrice) external returns (uint64 created);
    function mature(uint64 id) external;
    function settle(uint64 id) external;
    function claim(uint64 holding) external returns (uint256 paid);
    function receivable(uint64 id) external view returns (ReceivableView memory);
    function receivableByKey(bytes32 key) external view returns (ReceivableView memory);
    function keyOf(address seller, Invoice calldata invoice) external view returns (bytes32 key);
    function receivablesOfSeller(address seller, bytes calldata cursor, uint32 limit) external view returns (ReceivableView[] memory page, bytes memory next);
    function receivablesOfBuyer(address buyer, bytes calldata cursor, uint32 limit) external view returns (ReceivableView[] memory page, bytes memory next);
    function holding(uint64 id) external view returns (HoldingView memory);
    function holdingsOf(address holder, bytes calldata cursor, uint32 limit) external view returns (HoldingView[] memory page, bytes memory next);
    function holdingsIn(uint64 receivable, bytes calldata cursor, uint32 limit) external view returns (HoldingView[] memory page, bytes memory next);
    function askOn(uint64 holding) external view returns (AskView memory);
    function asks(bytes calldata cursor, uint32 limit) external view returns (AskView[] memory page, bytes memory next);
    function price(uint64 holding, uint256 amount) external view returns (uint256);
}
