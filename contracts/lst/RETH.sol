// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PoolShares} from "./PoolShares.sol";
import {PoolToken} from "./PoolToken.sol";
import {IRETH} from "./interfaces/IRETH.sol";
import {IStakingPool} from "./interfaces/IStakingPool.sol";

/// @title RETH: a token whose rate is its pool's ETH divided by its supply
contract RETH is PoolToken, IRETH {
    constructor(string memory name_, string memory symbol_) PoolToken(name_, symbol_) {}

    /// @param ethAmount Wei that it stands for now.
    function mint(address to, uint256 amount, uint256 ethAmount) external onlyPool {
        _mint(to, amount);
        emit TokensMinted(to, amount, ethAmount, block.timestamp);
    }

    /// @notice Burns what the pool holds.
    /// @param ethAmount Wei that it stood for.
    function burn(uint256 amount, uint256 ethAmount) external onlyPool {
        _burn(msg.sender, amount);
        emit TokensBurned(msg.sender, amount, ethAmount, block.timestamp);
    }

    /// @inheritdoc IRETH
    function getEthValue(uint256 rethAmount) public view returns (uint256) {
        return PoolShares.toEth(rethAmount, totalSupply(), IStakingPool(pool).pooledEth());
    }

    /// @inheritdoc IRETH
    function getRethValue(uint256 ethAmount) external view returns (uint256) {
        return PoolShares.toUnits(ethAmount, totalSupply(), IStakingPool(pool).pooledEth());
    }

    /// @inheritdoc IRETH
    function getExchangeRate() external view returns (uint256) {
        return getEthValue(1 ether);
    }
}
