import { parseAbi } from "abitype";
import { addresses } from "./address.js";

/** A session's way: opened with a deposit, checked out and in by the device's receipts, settled. */
export const sessionState = { open: 1, checkedOut: 2, settled: 3 } as const;

/**
 * The use of a booked asset, paid by what its device measured. Amounts are minor units of the rate card's currency,
 * times seconds, the odometer metres, energy watt-hours. Receipts are signed by the device bound to the asset and may
 * be handed in by anybody.
 */
export const usageAbi = parseAbi([
  "struct Receipt { bytes32 device; uint64 sequence; uint256 right; uint64 time; uint64 odometer; uint64 energy; int32 latitude; int32 longitude; bool leftArea; }",
  "struct Session { uint256 right; uint256 asset; address renter; uint64 card; address currency; uint256 deposit; uint8 state; uint64 until; bytes32 device; uint64 sequence; uint64 checkedOutAt; uint64 odometer; uint64 energy; }",

  "function open(uint256 right)",
  "function checkOut(Receipt receipt, bytes signature)",
  "function checkIn(Receipt receipt, bytes signature)",
  "function closeOverdue(uint256 right)",
  "function payDebt(address creditor, address currency, uint256 amount)",
  "function withdraw(address account, address currency) returns (uint256 paid)",

  "function session(uint256 right) view returns (Session)",
  "function isOpen(uint256 right) view returns (bool)",
  "function sessionsOf(address renter, bytes cursor, uint32 limit) view returns (Session[] page, bytes next)",
  "function debtOf(address debtor, address creditor, address currency) view returns (uint256)",
  "function creditOf(address account, address currency) view returns (uint256)",

  "event Opened(uint256 indexed right, uint256 indexed asset, address indexed renter, uint64 card, uint256 deposit)",
  "event CheckedOut(uint256 indexed right, bytes32 indexed device, uint64 sequence, uint64 time, uint64 odometer, uint64 energy, int32 latitude, int32 longitude)",
  "event CheckedIn(uint256 indexed right, bytes32 indexed device, uint64 sequence, uint64 time, uint64 odometer, uint64 energy, int32 latitude, int32 longitude, bool leftArea)",
  "event MeterFault(uint256 indexed right, bytes32 indexed device, bool odometer, bool energy)",
  "event Settled(uint256 indexed right, address indexed renter, address indexed payee, uint256 distanceFee, uint256 energyFee, uint256 lateFee, uint256 areaFee, uint256 paid, uint256 debt, uint256 refund)",
  "event DebtPaid(address indexed debtor, address indexed creditor, address indexed currency, uint256 amount)",
  "event Credited(address indexed account, address indexed currency, uint256 amount)",
  "event Withdrawn(address indexed account, address indexed currency, uint256 amount)",

  "error NotHolder(uint256 right, address who)",
  "error RightEnded(uint256 right, uint64 until)",
  "error NoTerms(uint256 right)",
  "error SessionExists(uint256 right, uint8 state)",
  "error InDebt(address creditor, address currency, uint256 amount)",
  "error NoSession(uint256 right)",
  "error WrongState(uint256 right, uint8 state)",
  "error NotTheDevice(bytes32 device, uint256 asset)",
  "error BadSignature(bytes32 device)",
  "error StaleReceipt(uint64 sequence, uint64 last)",
  "error ReceiptFromTheFuture(uint64 time, uint64 latest)",
  "error OutsideWindow(uint64 time, uint64 from, uint64 until)",
  "error NotOverdue(uint256 right, uint64 due)",
  "error NoDebt(address creditor, address currency)",
  "error ZeroAmount()",
  "error NothingToPay(address account, address currency)",

  // Of contracts that are called.
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC20InvalidReceiver(address receiver)",
  "error EnforcedPause()",
  "error ERC721NonexistentToken(uint256 tokenId)",
  "error UnknownDevice(bytes32 id)",
  "error UnknownRateCard(uint64 id)",
]);

export const usage = { address: addresses.usage, abi: usageAbi } as const;
