// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title IRETH: a liquid staking token whose rate is the pool's ETH divided by the supply
/// @dev Signatures and events as rETH has them on mainnet.
interface IRETH is IERC20 {
    event TokensMinted(address indexed to, uint256 amount, uint256 ethAmount, uint256 time);
    event TokensBurned(address indexed from, uint256 amount, uint256 ethAmount, uint256 time);

    /// @notice Wei that an amount of rETH is worth, rounded down.
    function getEthValue(uint256 rethAmount) external view returns (uint256);

    /// @notice rETH that an amount of wei is worth, rounded down.
    function getRethValue(uint256 ethAmount) external view returns (uint256);

    /// @notice Wei that 1e18 wei of rETH are worth.
    function getExchangeRate() external view returns (uint256);
}
