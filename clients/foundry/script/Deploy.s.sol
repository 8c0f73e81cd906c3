// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Odometers} from "../src/Odometers.sol";

interface Vm {
    function startBroadcast() external;
}

/// Deploys and reports twice: three transactions of one sender.
contract Deploy {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function run() external returns (Odometers odometers) {
        vm.startBroadcast();
        odometers = new Odometers(3);
        odometers.report(100);
        odometers.report(250);
    }
}
