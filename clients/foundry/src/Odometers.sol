// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// Pays a token for each metre that a car reports. Its odometer never goes back.
contract Odometers is ERC20 {
    uint256 public immutable rate;
    mapping(address car => uint256 metres) public odometer;

    event Reported(address indexed car, uint256 metres);
    error WentBack(uint256 had, uint256 reported);

    constructor(uint256 rate_) ERC20("Metres", "M") {
        rate = rate_;
    }

    function report(uint256 metres) external {
        uint256 had = odometer[msg.sender];
        require(metres > had, WentBack(had, metres));
        odometer[msg.sender] = metres;
        _mint(msg.sender, (metres - had) * rate);
        emit Reported(msg.sender, metres);
    }
}
