// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// OpenZeppelin's ERC-20 as it is; the deployer holds the supply.
contract BenchmarkToken is ERC20 {
    constructor(uint256 supply) ERC20("Benchmark", "BENCH") {
        _mint(msg.sender, supply);
    }
}
