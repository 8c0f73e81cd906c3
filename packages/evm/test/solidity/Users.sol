// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

contract Coin is ERC20 {
    constructor(uint256 supply) ERC20("Coin", "COIN") {
        _mint(msg.sender, supply);
    }
}

/// Holds a value, fails in every way and makes other contracts.
contract Box {
    uint256 public value;
    uint256 transient note;

    event Stored(uint256 value);

    error Refused(address who, uint256 value);

    constructor(uint256 first) payable {
        value = first;
    }

    receive() external payable {}

    function store(uint256 next) public {
        value = next;
        emit Stored(next);
    }

    function refuse(uint256 next) external {
        store(next);
        revert Refused(msg.sender, next);
    }

    function require_(uint256 next) external {
        store(next);
        require(false, "not today");
    }

    function overflow(uint256 next) external {
        store(next);
        value = next - (next + 1);
    }

    function invalid() external {
        value = 1;
        assembly {
            invalid()
        }
    }

    function spin() external {
        for (uint256 i = 0; ; i++) value = i;
    }

    function destroy(address payable heir) external {
        selfdestruct(heir);
    }

    function remember(uint256 next) external returns (uint256) {
        uint256 before = note;
        note = next;
        return before;
    }

    function rememberTwice() external returns (uint256) {
        this.remember(5);
        try this.forget() {} catch {}
        return this.remember(6);
    }

    function forget() external {
        note = 0;
        revert("keeps it");
    }

    function world(uint256 height)
        external
        view
        returns (bytes32 hash, uint256 number, uint256 time, uint256 chain, uint256 randao, uint256 fee, address coinbase)
    {
        return (
            blockhash(height),
            block.number,
            block.timestamp,
            block.chainid,
            block.prevrandao,
            block.basefee,
            block.coinbase
        );
    }

    function clear() external {
        value = 0;
    }

    function precompile(address at, bytes calldata input) external view returns (bool ok, bytes memory output) {
        return at.staticcall(input);
    }
}

/// Makes boxes.
contract Maker {
    function make(bytes32 salt, uint256 first) external returns (Box) {
        return new Box{salt: salt}(first);
    }

    function makePlain(uint256 first) external payable returns (Box) {
        return new Box{value: msg.value}(first);
    }

    /// Makes a box and destroys it in one transaction (EIP-6780).
    function flash(address payable heir) external payable returns (address made) {
        Box box = new Box{value: msg.value}(7);
        box.store(8);
        box.destroy(heir);
        return address(box);
    }
}
