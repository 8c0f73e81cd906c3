// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// Book, check out, check in and settle, as Market, Rights and Usage do it, in one contract so that nothing is spent on
/// calls between contracts. It does less than they: bookings of an asset come in order, so that no calendar is searched;
/// receipts are ABI-encoded and not COSE; there are no lists and no scheduled end of a right.
contract Rental {
    struct Card {
        uint128 pricePerHour;
        uint128 pricePerKm;
        uint128 pricePerKwh;
        uint128 deposit;
        uint128 debtLimit;
        uint128 lateFeePerMinute;
        uint128 areaFee;
        uint32 minDuration;
        uint32 maxDuration;
        uint32 maxAge;
        uint8 scope;
    }

    struct Asset {
        address owner;
        address payee;
        uint64 bookedUntil;
        bytes32 keyX;
        bytes32 keyY;
    }

    struct Right {
        uint256 asset;
        address holder;
        uint64 from;
        uint64 until;
        bytes32 area;
        uint8 scope;
        uint32 maxAge;
    }

    struct Session {
        address renter;
        uint64 until;
        uint8 state;
        uint256 asset;
        uint256 deposit;
        uint64 sequence;
        uint64 checkedOutAt;
        uint64 odometer;
        uint64 energy;
    }

    struct Receipt {
        uint64 sequence;
        uint256 right;
        uint64 time;
        uint64 odometer;
        uint64 energy;
        int32 latitude;
        int32 longitude;
        bool leftArea;
    }

    uint8 constant OPEN = 1;
    uint8 constant CHECKED_OUT = 2;
    uint8 constant SETTLED = 3;
    uint64 constant CLOCK_TOLERANCE = 60;
    uint64 constant MAX_BOOKING_DELAY = 300;
    /// EIP-7951.
    address constant P256_VERIFY = address(0x100);

    IERC20 immutable currency;
    mapping(uint256 => Asset) assets;
    mapping(uint256 => Card) cards;
    mapping(uint256 => Right) rights;
    mapping(address => uint256) balanceOf;
    mapping(uint256 => Session) sessions;
    mapping(address => mapping(address => uint256)) debts;
    uint256 assetCount;
    uint256 rightCount;

    event Booked(uint256 indexed right, uint256 indexed asset, address indexed holder, uint64 from, uint64 until, uint256 price);
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    event Opened(uint256 indexed right, uint256 indexed asset, address indexed renter, uint256 deposit);
    event CheckedOut(uint256 indexed right, uint64 sequence, uint64 time, uint64 odometer, uint64 energy, int32 latitude, int32 longitude);
    event CheckedIn(uint256 indexed right, uint64 sequence, uint64 time, uint64 odometer, uint64 energy, int32 latitude, int32 longitude, bool leftArea);
    event Settled(uint256 indexed right, address indexed renter, address indexed payee, uint256 distanceFee, uint256 energyFee, uint256 lateFee, uint256 areaFee, uint256 paid, uint256 debt, uint256 refund);

    constructor(IERC20 currency_) {
        currency = currency_;
    }

    function register(bytes32 keyX, bytes32 keyY, Card calldata card) external returns (uint256 id) {
        id = ++assetCount;
        assets[id] = Asset(msg.sender, msg.sender, 0, keyX, keyY);
        cards[id] = card;
    }

    function book(uint256 assetId, uint64 from, uint64 until, bytes32 area) external returns (uint256 id) {
        Asset storage asset = assets[assetId];
        Card storage card = cards[assetId];
        require(asset.owner != address(0), "no asset");
        require(from + MAX_BOOKING_DELAY >= block.timestamp, "starts too early");
        uint64 duration = until - from;
        require(duration > 0 && duration >= card.minDuration && duration <= card.maxDuration, "duration not offered");
        require(from >= asset.bookedUntil, "overlap");
        asset.bookedUntil = until;
        uint256 price = (uint256(card.pricePerHour) * duration + 1800) / 3600;
        if (price > 0) require(currency.transferFrom(msg.sender, asset.payee, price));
        id = ++rightCount;
        rights[id] = Right(assetId, msg.sender, from, until, area, card.scope, card.maxAge);
        balanceOf[msg.sender] += 1;
        emit Transfer(address(0), msg.sender, id);
        emit Booked(id, assetId, msg.sender, from, until, price);
    }

    function open(uint256 id) external {
        Right storage right = rights[id];
        require(right.holder == msg.sender, "not holder");
        require(block.timestamp < right.until, "right ended");
        require(sessions[id].state == 0, "session exists");
        require(debts[msg.sender][assets[right.asset].payee] == 0, "in debt");
        uint256 deposit = cards[right.asset].deposit;
        if (deposit > 0) require(currency.transferFrom(msg.sender, address(this), deposit));
        sessions[id] = Session(msg.sender, right.until, OPEN, right.asset, deposit, 0, 0, 0, 0);
        emit Opened(id, right.asset, msg.sender, deposit);
    }

    function checkOut(Receipt calldata receipt, bytes32 r, bytes32 s) external {
        Session storage session = sessions[receipt.right];
        require(session.state == OPEN, "wrong state");
        verify(1, receipt, r, s, session);
        Right storage right = rights[receipt.right];
        require(receipt.time + CLOCK_TOLERANCE >= right.from && receipt.time <= right.until + CLOCK_TOLERANCE, "outside window");
        session.state = CHECKED_OUT;
        session.sequence = receipt.sequence;
        session.checkedOutAt = receipt.time;
        session.odometer = receipt.odometer;
        session.energy = receipt.energy;
        emit CheckedOut(receipt.right, receipt.sequence, receipt.time, receipt.odometer, receipt.energy, receipt.latitude, receipt.longitude);
    }

    function checkIn(Receipt calldata receipt, bytes32 r, bytes32 s) external {
        Session storage session = sessions[receipt.right];
        require(session.state == CHECKED_OUT, "wrong state");
        verify(3, receipt, r, s, session);
        emit CheckedIn(receipt.right, receipt.sequence, receipt.time, receipt.odometer, receipt.energy, receipt.latitude, receipt.longitude, receipt.leftArea);
        uint256 distance = receipt.odometer < session.odometer ? 0 : receipt.odometer - session.odometer;
        uint256 energy = receipt.energy < session.energy ? 0 : receipt.energy - session.energy;
        session.state = SETTLED;
        session.sequence = receipt.sequence;
        settle(receipt, session, distance, energy);
    }

    function settle(Receipt calldata receipt, Session storage session, uint256 distance, uint256 energy) private {
        Card storage card = cards[session.asset];
        uint64 until = rights[receipt.right].until;
        uint256 lateness = receipt.time > until ? receipt.time - until : 0;
        uint256 distanceFee = (distance * card.pricePerKm + 500) / 1000;
        uint256 energyFee = (energy * card.pricePerKwh + 500) / 1000;
        uint256 lateFee = ((lateness + 59) / 60) * card.lateFeePerMinute;
        uint256 areaFee = receipt.leftArea ? card.areaFee : 0;
        uint256 total = distanceFee + energyFee + lateFee + areaFee;
        uint256 paid = total < session.deposit ? total : session.deposit;
        uint256 debt = total - paid < card.debtLimit ? total - paid : card.debtLimit;
        uint256 refund = session.deposit - paid;
        address payee = assets[session.asset].payee;
        if (paid > 0) require(currency.transfer(payee, paid));
        if (refund > 0) require(currency.transfer(session.renter, refund));
        if (debt > 0) debts[session.renter][payee] += debt;
        emit Settled(receipt.right, session.renter, payee, distanceFee, energyFee, lateFee, areaFee, paid, debt, refund);
    }

    function verify(uint8 kind, Receipt calldata receipt, bytes32 r, bytes32 s, Session storage session) private view {
        require(receipt.sequence > session.sequence, "stale receipt");
        require(receipt.time <= block.timestamp + CLOCK_TOLERANCE, "receipt from the future");
        Asset storage asset = assets[session.asset];
        bytes32 hash = sha256(abi.encode(block.chainid, kind, receipt));
        (, bytes memory valid) = P256_VERIFY.staticcall(abi.encode(hash, r, s, asset.keyX, asset.keyY));
        require(valid.length == 32, "bad signature");
    }
}
