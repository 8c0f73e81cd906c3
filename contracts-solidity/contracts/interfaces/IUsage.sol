// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0x5255464600000000000000000000000000000008.
interface IUsage {
    struct Receipt {
        bytes32 device;
        uint64 sequence;
        uint256 right;
        uint64 time;
        uint64 odometer;
        uint64 energy;
        int32 latitude;
        int32 longitude;
        bool leftArea;
    }

    struct Session {
        uint256 right;
        uint256 asset;
        address renter;
        uint64 card;
        address currency;
        uint256 deposit;
        uint8 state;
        uint64 until;
        bytes32 device;
        uint64 sequence;
        uint64 checkedOutAt;
        uint64 odometer;
        uint64 energy;
    }

    event Opened(uint256 indexed right, uint256 indexed asset, address indexed renter, uint64 card, uint256 deposit);
    event CheckedOut(uint256 indexed right, bytes32 indexed device, uint64 sequence, uint64 time, uint64 odometer, uint64 energy, int32 latitude, int32 longitude);
    event CheckedIn(uint256 indexed right, bytes32 indexed device, uint64 sequence, uint64 time, uint64 odometer, uint64 energy, int32 latitude, int32 longitude, bool leftArea);
    event MeterFault(uint256 indexed right, bytes32 indexed device, bool odometer, bool energy);
    event Settled(uint256 indexed right, address indexed renter, address indexed payee, uint256 distanceFee, uint256 energyFee, uint256 lateFee, uint256 areaFee, uint256 paid, uint256 debt, uint256 refund);
    event DebtPaid(address indexed debtor, address indexed creditor, address indexed currency, uint256 amount);
    event Credited(address indexed account, address indexed currency, uint256 amount);
    event Withdrawn(address indexed account, address indexed currency, uint256 amount);

    error NotHolder(uint256 right, address who);
    error RightEnded(uint256 right, uint64 until);
    error NoTerms(uint256 right);
    error SessionExists(uint256 right, uint8 state);
    error InDebt(address creditor, address currency, uint256 amount);
    error NoSession(uint256 right);
    error WrongState(uint256 right, uint8 state);
    error NotTheDevice(bytes32 device, uint256 asset);
    error BadSignature(bytes32 device);
    error StaleReceipt(uint64 sequence, uint64 last);
    error ReceiptFromTheFuture(uint64 time, uint64 latest);
    error OutsideWindow(uint64 time, uint64 from, uint64 until);
    error NotOverdue(uint256 right, uint64 due);
    error NoDebt(address creditor, address currency);
    error ZeroAmount();
    error NothingToPay(address account, address currency);
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    error ERC20InvalidReceiver(address receiver);
    error EnforcedPause();
    error ERC721NonexistentToken(uint256 tokenId);
    error UnknownDevice(bytes32 id);
    error UnknownRateCard(uint64 id);

    function open(uint256 right) external;
    function checkOut(Receipt calldata receipt, bytes calldata signature) external;
    function checkIn(Receipt calldata receipt, bytes calldata signature) external;
    function closeOverdue(uint256 right) external;
    function payDebt(address creditor, address currency, uint256 amount) external;
    function withdraw(address account, address currency) external returns (uint256 paid);
    function session(uint256 right) external view returns (Session memory);
    function isOpen(uint256 right) external view returns (bool);
    function sessionsOf(address renter, bytes calldata cursor, uint32 limit) external view returns (Session[] memory page, bytes memory next);
    function debtOf(address debtor, address creditor, address currency) external view returns (uint256);
    function creditOf(address account, address currency) external view returns (uint256);
}
