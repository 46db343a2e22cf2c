// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {IInterchainSecurityModule, IMailbox} from "./interfaces/IHyperlane.sol";
import {LrtRoute} from "./LrtRoute.sol";

/// @title LrtSynthetic: the LRT on another chain: minted for what its own chain locked, burned for what goes back
/// @dev The rate comes by message, and so has an age: who values the token by it has to look at `rateUpdatedAt`.
contract LrtSynthetic is LrtRoute, ERC20 {
    error RateUnknown();

    event RateUpdated(uint256 rate, uint64 updatedAt);

    uint256 private constant NEWS_SIZE = 40;

    uint256 private _rate;
    /// @notice Unix second of the LRT's own chain at which the rate was read; 0 before the first.
    uint64 public rateUpdatedAt;

    constructor(
        string memory name,
        string memory symbol,
        IMailbox mailbox_,
        IInterchainSecurityModule module,
        address owner_
    ) LrtRoute(mailbox_, module, owner_) ERC20(name, symbol) {}

    /// @notice Wei of ETH value of 1e18 tokens, as it was at `rateUpdatedAt`.
    function getRate() external view returns (uint256) {
        require(rateUpdatedAt != 0, RateUnknown());
        return _rate;
    }

    function _collect(uint32, address from, uint256 amount) internal override {
        _burn(from, amount);
    }

    function _give(uint32, address to, uint256 amount) internal override {
        _mint(to, amount);
    }

    function _news() internal pure override returns (bytes memory) {
        return "";
    }

    /// @dev Messages come in any order: an older rate replaces no newer one.
    function _hear(bytes calldata news) internal override {
        require(news.length == NEWS_SIZE, BodyLength(TRANSFER_SIZE + news.length));
        uint64 updatedAt = uint64(bytes8(news[32:]));
        if (updatedAt <= rateUpdatedAt) return;
        _rate = uint256(bytes32(news[:32]));
        rateUpdatedAt = updatedAt;
        emit RateUpdated(_rate, updatedAt);
    }
}
