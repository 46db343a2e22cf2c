// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title IStETH: a liquid staking token whose balances follow the pool's ETH
/// @dev Signatures and events as stETH has them on mainnet. What an account owns are shares; its balance is the ETH that
/// they stand for, so a report of rewards or penalties changes every balance and no share. A transfer by amount moves
/// the shares that the amount is worth rounded down, so what arrives can be 1-2 wei less than what was named.
interface IStETH is IERC20 {
    /// @notice Comes with every `Transfer`, of the same accounts.
    event TransferShares(address indexed from, address indexed to, uint256 sharesValue);
    event Submitted(address indexed sender, uint256 amount, address referral);
    event SharesBurnt(
        address indexed account,
        uint256 preRebaseTokenAmount,
        uint256 postRebaseTokenAmount,
        uint256 sharesAmount
    );
    event TokenRebased(
        uint256 indexed reportTimestamp,
        uint256 timeElapsed,
        uint256 preTotalShares,
        uint256 preTotalEther,
        uint256 postTotalShares,
        uint256 postTotalEther,
        uint256 sharesMintedAsFees
    );

    /// @notice Stakes the ETH sent along and returns the shares it became.
    function submit(address referral) external payable returns (uint256 shares);

    /// @notice Moves shares of the caller; returns the amount that they are worth.
    function transferShares(address recipient, uint256 sharesAmount) external returns (uint256 amount);

    /// @notice Moves shares of `sender`, whose allowance, an amount, the caller spends.
    function transferSharesFrom(address sender, address recipient, uint256 sharesAmount)
        external
        returns (uint256 amount);

    /// @notice Shares of an account; only these are kept, its balance is computed.
    function sharesOf(address account) external view returns (uint256);

    /// @notice Shares that an amount of wei is worth, rounded down.
    function getSharesByPooledEth(uint256 ethAmount) external view returns (uint256);

    /// @notice Wei that shares are worth, rounded down.
    function getPooledEthByShares(uint256 sharesAmount) external view returns (uint256);

    function getTotalShares() external view returns (uint256);

    /// @notice Wei that all shares together are worth: the token's total supply.
    function getTotalPooledEther() external view returns (uint256);
}
