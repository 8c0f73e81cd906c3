// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

interface IBank {
    function deposit() external payable;
    function withdraw(uint256 amount) external;
    function move(address to, uint256 amount) external;
    function balanceOf(address owner) external view returns (uint256);
    function later(uint64 at, uint256 amount) external returns (uint256 ticket);
    function fall() external;
    function deep(uint32 levels) external;
    function burnGas() external;
}

/// Calls a system contract in every way.
contract Caller {
    IBank constant bank = IBank(0x5255464600000000000000000000000000000100);
    uint256 public marker;
    uint256 public received;

    event Before();
    event After();

    receive() external payable {
        received++;
    }

    function deposit() external payable {
        bank.deposit{value: msg.value}();
    }

    function withdraw(uint256 amount) external {
        bank.withdraw(amount);
    }

    function move(address to, uint256 amount) external {
        emit Before();
        bank.move(to, amount);
        emit After();
    }

    function moveWithGas(address to, uint256 amount, uint256 gas_) external returns (bool ok, uint256 used) {
        marker++;
        used = gasleft();
        (ok, ) = address(bank).call{gas: gas_}(abi.encodeCall(IBank.move, (to, amount)));
        used -= gasleft();
    }

    function moveThenRevert(address to, uint256 amount) external {
        bank.move(to, amount);
        bank.later(uint64(block.timestamp), amount);
        emit After();
        marker = 99;
        revert("after the move");
    }

    function catchNested(address to, uint256 amount) external returns (string memory why) {
        marker++;
        emit Before();
        try this.moveThenRevert(to, amount) {} catch Error(string memory reason) {
            why = reason;
        }
        bank.move(to, 1);
    }

    function catchData(address to, uint256 amount) external returns (bytes memory data) {
        try bank.move(to, amount) {} catch (bytes memory reason) {
            data = reason;
        }
    }

    /// How: 0 call, 1 staticcall, 2 delegatecall, 3 callcode.
    function low(uint8 how, bytes calldata data) public payable returns (bool ok, bytes memory output) {
        address at = address(bank);
        if (how == 0) (ok, output) = at.call{value: msg.value}(data);
        if (how == 1) (ok, output) = at.staticcall(data);
        if (how == 2) (ok, output) = at.delegatecall(data);
        if (how == 3) {
            bytes memory input = data;
            assembly {
                ok := callcode(gas(), at, 0, add(input, 32), mload(input), 0, 0)
                output := mload(0x40)
                mstore(output, returndatasize())
                returndatacopy(add(output, 32), 0, returndatasize())
                mstore(0x40, add(add(output, 64), returndatasize()))
            }
        }
    }

    function faultThenRevert() external {
        marker = 55;
        (bool ok, ) = address(bank).call{gas: 100000}(abi.encodeCall(IBank.fall, ()));
        require(!ok);
        revert("gone");
    }

    function catchFault() external returns (bytes memory output) {
        try this.faultThenRevert() {} catch {}
        (, output) = address(bank).call{gas: 100000}(abi.encodeCall(IBank.fall, ()));
    }

    function burn() external returns (bool ok, uint256 left) {
        (ok, ) = address(bank).call(abi.encodeCall(IBank.burnGas, ()));
        left = gasleft();
    }

    function look(address at) external view returns (uint256 size, bytes32 hash, bytes memory code, uint256 balance) {
        return (at.code.length, at.codehash, at.code, at.balance);
    }
}
