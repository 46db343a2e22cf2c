// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title ICbETH: a liquid staking token whose rate an oracle pushes
/// @dev Signatures and events as cbETH has them on mainnet.
interface ICbETH is IERC20 {
    event ExchangeRateUpdated(address indexed oracle, uint256 newExchangeRate);

    /// @notice Wei that 1e18 wei of cbETH are worth, as last pushed.
    function exchangeRate() external view returns (uint256);
}
