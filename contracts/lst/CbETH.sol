// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PoolToken} from "./PoolToken.sol";
import {ICbETH} from "./interfaces/ICbETH.sol";

/// @title CbETH: a token whose rate is pushed
contract CbETH is PoolToken, ICbETH {
    /// @inheritdoc ICbETH
    uint256 public exchangeRate = 1 ether;

    constructor(string memory name_, string memory symbol_) PoolToken(name_, symbol_) {}

    /// @param oracle Who pushed it to the pool, which checked it.
    function updateExchangeRate(address oracle, uint256 newExchangeRate) external onlyPool {
        exchangeRate = newExchangeRate;
        emit ExchangeRateUpdated(oracle, newExchangeRate);
    }

    function mint(address to, uint256 amount) external onlyPool {
        _mint(to, amount);
    }

    /// @notice Burns what the pool holds.
    function burn(uint256 amount) external onlyPool {
        _burn(msg.sender, amount);
    }
}
