// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSAMultisigWallet} from "@solidstate/contracts/multisig/ECDSAMultisigWallet.sol";
import {SolidStateDiamond} from "@solidstate/contracts/proxy/diamond/SolidStateDiamond.sol";
import {SolidStateERC1155} from "@solidstate/contracts/token/ERC1155/SolidStateERC1155.sol";
import {SolidStateERC20} from "@solidstate/contracts/token/ERC20/SolidStateERC20.sol";
import {ERC721MetadataStorage} from "@solidstate/contracts/token/ERC721/metadata/ERC721MetadataStorage.sol";
import {SolidStateERC721} from "@solidstate/contracts/token/ERC721/SolidStateERC721.sol";

// The library's contracts, with what its specifications ask a test to provide: names, and anyone mints and burns.

contract Fungible is SolidStateERC20 {
    constructor(string memory name, string memory symbol, uint8 decimals, uint256 supply) {
        _setName(name);
        _setSymbol(symbol);
        _setDecimals(decimals);
        _mint(msg.sender, supply);
    }

    function mint(address account, uint256 amount) external {
        _mint(account, amount);
    }

    function burn(address account, uint256 amount) external {
        _burn(account, amount);
    }
}

contract NonFungible is SolidStateERC721 {
    constructor(string memory name, string memory symbol, string memory baseURI) {
        ERC721MetadataStorage.Layout storage metadata = ERC721MetadataStorage.layout();
        (metadata.name, metadata.symbol, metadata.baseURI) = (name, symbol, baseURI);
        _setSupportsInterface(0x01ffc9a7, true);
        _setSupportsInterface(0x80ac58cd, true);
    }

    function mint(address account, uint256 tokenId) external {
        _mint(account, tokenId);
    }

    function burn(uint256 tokenId) external {
        _burn(tokenId);
    }
}

contract Multi is SolidStateERC1155 {
    constructor() {
        _setSupportsInterface(0x01ffc9a7, true);
        _setSupportsInterface(0xd9b67a26, true);
    }

    function mint(address account, uint256 id, uint256 amount) external {
        _mint(account, id, amount, "");
    }

    function burn(address account, uint256 id, uint256 amount) external {
        _burn(account, id, amount);
    }
}

contract Diamond is SolidStateDiamond {}

contract Multisig is ECDSAMultisigWallet {
    constructor(address[] memory signers, uint256 quorum) {
        for (uint256 i = 0; i < signers.length; i++) _addSigner(signers[i]);
        _setQuorum(quorum);
    }
}
