// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IInterchainSecurityModule, IMailbox} from "./interfaces/IHyperlane.sol";
import {LrtRoute} from "./LrtRoute.sol";

/// @notice Whose rate it is: wei of ETH value of 1e18 shares.
interface IRateSource {
    function getRate() external view returns (uint256);
}

/// @title LrtCollateral: the end on the LRT's own chain, which locks what travels
/// @dev Never more is unlocked for a domain than was locked for it: what goes wrong on one chain cannot be paid for by those
/// who went to another.
contract LrtCollateral is LrtRoute {
    using SafeERC20 for IERC20;

    error UnlockBeyondLocked(uint32 origin, uint256 amount, uint256 locked);

    IERC20 public immutable token;
    IRateSource public immutable rateSource;
    /// @notice Tokens that are on their way to a domain, or there, or on their way back.
    mapping(uint32 domain => uint256) public lockedFor;

    constructor(
        IERC20 token_,
        IRateSource rateSource_,
        IMailbox mailbox_,
        IInterchainSecurityModule module,
        address owner_
    ) LrtRoute(mailbox_, module, owner_) {
        token = token_;
        rateSource = rateSource_;
    }

    /// @notice Tells a domain the rate. Anybody may; what the mailbox asks for is to be paid with it.
    function sendRate(uint32 destination) external payable returns (bytes32 messageId) {
        bytes32 router = routers[destination];
        require(router != 0, RouterUnknown(destination, router));
        bytes memory body = abi.encodePacked(bytes32(0), uint256(0), _news());
        return mailbox.dispatch{value: msg.value}(destination, router, body);
    }

    function _collect(uint32 destination, address from, uint256 amount) internal override {
        lockedFor[destination] += amount;
        token.safeTransferFrom(from, address(this), amount);
    }

    function _give(uint32 origin, address to, uint256 amount) internal override {
        uint256 locked = lockedFor[origin];
        require(amount <= locked, UnlockBeyondLocked(origin, amount, locked));
        lockedFor[origin] = locked - amount;
        token.safeTransfer(to, amount);
    }

    /// @dev The rate of this block.
    function _news() internal view override returns (bytes memory) {
        return abi.encodePacked(rateSource.getRate(), uint64(block.timestamp));
    }

    /// @dev Nothing comes back but tokens.
    function _hear(bytes calldata news) internal pure override {
        require(news.length == 0, BodyLength(TRANSFER_SIZE + news.length));
    }
}
