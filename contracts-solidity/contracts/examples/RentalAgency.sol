// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MARKET, RIGHTS} from "../System.sol";
import {IMarket} from "../interfaces/IMarket.sol";
import {IToken} from "../interfaces/IToken.sol";

/// Rents out whatever is on the market and takes its cut on top of the price. The renter approves the agency for the
/// total; it books in its own name and hands the right on, all in one transaction or not at all.
contract RentalAgency {
    address public immutable owner;
    /// Of the price, in hundredths of a percent.
    uint256 public immutable cut;

    event Rented(address indexed renter, uint256 indexed right, address currency, uint256 price, uint256 fee);

    error NotOwner(address who);
    error TooExpensive(uint256 total, uint256 limit);

    constructor(uint256 cut_) {
        owner = msg.sender;
        cut = cut_;
    }

    /// What a rental costs in all, in minor units of the currency.
    function total(uint256 asset, uint64 from, uint64 until) public view returns (uint256 price, uint256 fee) {
        price = MARKET.quote(asset, from, until).price;
        fee = (price * cut) / 10_000;
    }

    function rent(uint256 asset, uint64 from, uint64 until, uint256 limit) external returns (uint256 right) {
        IMarket.RateCardView memory offered = MARKET.rateCardOf(asset);
        (uint256 price, uint256 fee) = total(asset, from, until);
        if (price + fee > limit) revert TooExpensive(price + fee, limit);
        IToken currency = IToken(offered.card.currency);
        currency.transferFrom(msg.sender, address(this), price + fee);
        currency.approve(address(MARKET), price);
        right = MARKET.book(offered.id, from, until, offered.card.area);
        RIGHTS.transferFrom(address(this), msg.sender, right);
        emit Rented(msg.sender, right, address(currency), price, fee);
    }

    function withdraw(IToken currency) external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        currency.transfer(owner, currency.balanceOf(address(this)));
    }
}
