// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

interface IAssets {
    function register(uint8 class, string calldata vin) external returns (uint256);
}

contract Child {
    uint256 public born = 5;

    constructor() payable {}

    function end(address payable to) external {
        selfdestruct(to);
    }
}

library Sums {
    event Summed(uint256 indexed sum);

    function add(uint256[] storage values, uint256 value) external returns (uint256 sum) {
        values.push(value);
        for (uint256 i = 0; i < values.length; i++) sum += values[i];
        emit Summed(sum);
    }
}

/// Calls in every way that there is.
contract Traced {
    uint256[] private values;
    uint256 public total;

    event Done(bytes32 digest);

    constructor() payable {}

    function work(address payable to) external payable returns (bytes32 digest) {
        total = Sums.add(values, 7);
        digest = sha256(abi.encode(total, this.twice(total)));
        Child child = new Child{salt: digest, value: 3}();
        child.end(to);
        (bool sent, ) = to.call{value: 1}("");
        require(sent);
        try this.fail(total) {} catch {}
        (bool ran, ) = address(this).call{gas: 3000}(abi.encodeCall(this.spend, ()));
        require(!ran);
        emit Done(digest);
    }

    function twice(uint256 value) external pure returns (uint256) {
        return 2 * value;
    }

    function fail(uint256 value) external {
        total = value + 1;
        emit Done(0);
        revert("as it should");
    }

    function spend() external {
        for (uint256 i = 1; ; i++) total = i;
    }

    function register(IAssets assets, string calldata vin) external returns (uint256) {
        return assets.register(1, vin);
    }
}
