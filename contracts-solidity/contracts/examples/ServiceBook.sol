// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TELEMETRY} from "../System.sol";

/// Says by the odometer that a device has last anchored whether its vehicle is due for service. The device's signature
/// stands behind the figure; nobody types it in.
contract ServiceBook {
    address public immutable workshop;
    /// Metres from one service to the next.
    uint64 public immutable interval;
    /// By device: metres at its last service.
    mapping(bytes32 device => uint64 metres) public servicedAt;

    event Serviced(bytes32 indexed device, uint64 odometer);

    error NotWorkshop(address who);

    constructor(uint64 interval_) {
        workshop = msg.sender;
        interval = interval_;
    }

    /// Metres that are left until the next service, 0 if it is due. Reverts with UnknownStream before the first anchor.
    function metresLeft(bytes32 device) public view returns (uint64) {
        uint64 driven = TELEMETRY.latest(device).odometer - servicedAt[device];
        return driven < interval ? interval - driven : 0;
    }

    function service(bytes32 device) external {
        if (msg.sender != workshop) revert NotWorkshop(msg.sender);
        uint64 odometer = TELEMETRY.latest(device).odometer;
        servicedAt[device] = odometer;
        emit Serviced(device, odometer);
    }
}
