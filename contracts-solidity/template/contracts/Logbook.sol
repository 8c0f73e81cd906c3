// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ASSETS} from "@ruffchain/contracts-solidity/contracts/System.sol";

/// What was done to a thing, in the words of who owned it then. Who owns it says the chain's register of assets.
contract Logbook {
    struct Entry {
        address owner;
        uint64 time;
        string text;
    }

    mapping(uint256 asset => Entry[]) private entries;

    event Written(uint256 indexed asset, address indexed owner, string text);
    error NotOwner(uint256 asset, address caller);

    function write(uint256 asset, string calldata text) external {
        require(ASSETS.ownerOf(asset) == msg.sender, NotOwner(asset, msg.sender));
        entries[asset].push(Entry(msg.sender, uint64(block.timestamp), text));
        emit Written(asset, msg.sender, text);
    }

    function count(uint256 asset) external view returns (uint256) {
        return entries[asset].length;
    }

    function read(uint256 asset, uint256 index) external view returns (Entry memory) {
        return entries[asset][index];
    }
}
