// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0x5255464600000000000000000000000000000005.
interface ITelemetry {
    struct Anchor {
        bytes32 device;
        uint64 sequence;
        bytes32 previous;
        bytes32 root;
        uint32 count;
        uint64 from;
        uint64 until;
        uint64 odometer;
        uint64 energy;
        int32 latitude;
        int32 longitude;
    }

    struct StreamView {
        bytes32 device;
        uint64 sequence;
        bytes32 root;
        uint64 until;
        uint64 odometer;
        uint64 energy;
        int32 latitude;
        int32 longitude;
        uint64 positionAt;
        bool forked;
    }

    struct AnchorView {
        bytes32 device;
        uint64 sequence;
        bytes32 root;
        uint32 count;
        uint64 from;
        uint64 until;
        uint64 anchoredAt;
        uint8 faults;
    }

    event Anchored(bytes32 indexed device, uint64 indexed sequence, bytes32 root, uint32 count, uint64 from, uint64 until, uint64 odometer, uint64 energy, int32 latitude, int32 longitude);
    event Faulted(bytes32 indexed device, uint64 indexed sequence, uint8 faults);
    event Forked(bytes32 indexed device, uint64 indexed sequence, bytes32 root, bytes32 previous);
    event ForkCleared(bytes32 indexed device);

    error UnknownDevice(bytes32 id);
    error DeviceRevoked(bytes32 device);
    error BadSignature(bytes32 device);
    error DeviceForked(bytes32 device);
    error AlreadyAnchored(bytes32 device, uint64 sequence);
    error SequenceGap(bytes32 device, uint64 sequence, uint64 expected);
    error BadTimes(uint64 from, uint64 until);
    error FromTheFuture(uint64 until, uint64 latest);
    error EmptyAnchor(bytes32 device, uint64 sequence);
    error BadPosition(int32 latitude, int32 longitude);
    error UnknownStream(bytes32 device);
    error UnknownAnchor(bytes32 device, uint64 sequence);
    error NotDeviceOwner(bytes32 device, address who);
    error NotForked(bytes32 device);

    function anchor(Anchor calldata anchor, bytes calldata signature) external;
    function clearFork(bytes32 device) external;
    function latest(bytes32 device) external view returns (StreamView memory);
    function anchorOf(bytes32 device, uint64 sequence) external view returns (AnchorView memory);
    function anchors(bytes32 device, bytes calldata cursor, uint32 limit) external view returns (AnchorView[] memory page, bytes memory next);
}
