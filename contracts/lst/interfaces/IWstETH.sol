// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title IWstETH: stETH wrapped so that balances stand still and the rate moves
/// @dev Signatures as wstETH has them on mainnet. One wstETH is one share of stETH.
interface IWstETH is IERC20 {
    /// @notice Takes stETH by its allowance; returns the wstETH minted for it.
    function wrap(uint256 stEthAmount) external returns (uint256 wstEthAmount);

    /// @notice Burns wstETH of the caller; returns the stETH sent for it.
    function unwrap(uint256 wstEthAmount) external returns (uint256 stEthAmount);

    /// @notice wstETH that an amount of stETH is worth, rounded down.
    function getWstETHByStETH(uint256 stEthAmount) external view returns (uint256);

    /// @notice stETH that an amount of wstETH is worth, rounded down.
    function getStETHByWstETH(uint256 wstEthAmount) external view returns (uint256);

    /// @notice Wei of stETH that 1e18 wei of wstETH are worth.
    function stEthPerToken() external view returns (uint256);

    /// @notice Wei of wstETH that 1e18 wei of stETH are worth.
    function tokensPerStEth() external view returns (uint256);

    function stETH() external view returns (address);
}
