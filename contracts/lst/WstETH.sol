// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IStETH} from "./interfaces/IStETH.sol";
import {IWstETH} from "./interfaces/IWstETH.sol";

/// @title WstETH: one token for each share of stETH
/// @dev Holds exactly as many shares as there are tokens, or more if somebody gave it some.
contract WstETH is ERC20, IWstETH {
    error NothingToWrap();

    IStETH private immutable _stETH;

    constructor(string memory name_, string memory symbol_, IStETH stETH_) ERC20(name_, symbol_) {
        _stETH = stETH_;
    }

    /// @inheritdoc IWstETH
    /// @dev A transfer by amount moves the shares that it is worth rounded down: as many as are minted.
    function wrap(uint256 stEthAmount) external returns (uint256 wstEthAmount) {
        wstEthAmount = _stETH.getSharesByPooledEth(stEthAmount);
        require(wstEthAmount != 0, NothingToWrap());
        _mint(msg.sender, wstEthAmount);
        // stETH's transfers revert, and return true else.
        // forge-lint: disable-next-line(erc20-unchecked-transfer)
        _stETH.transferFrom(msg.sender, address(this), stEthAmount);
    }

    /// @inheritdoc IWstETH
    function unwrap(uint256 wstEthAmount) external returns (uint256 stEthAmount) {
        require(wstEthAmount != 0, NothingToWrap());
        _burn(msg.sender, wstEthAmount);
        return _stETH.transferShares(msg.sender, wstEthAmount);
    }

    /// @inheritdoc IWstETH
    function getWstETHByStETH(uint256 stEthAmount) external view returns (uint256) {
        return _stETH.getSharesByPooledEth(stEthAmount);
    }

    /// @inheritdoc IWstETH
    function getStETHByWstETH(uint256 wstEthAmount) external view returns (uint256) {
        return _stETH.getPooledEthByShares(wstEthAmount);
    }

    /// @inheritdoc IWstETH
    function stEthPerToken() external view returns (uint256) {
        return _stETH.getPooledEthByShares(1 ether);
    }

    /// @inheritdoc IWstETH
    function tokensPerStEth() external view returns (uint256) {
        return _stETH.getSharesByPooledEth(1 ether);
    }

    /// @inheritdoc IWstETH
    function stETH() external view returns (address) {
        return address(_stETH);
    }
}
