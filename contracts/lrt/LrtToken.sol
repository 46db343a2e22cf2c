// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ILrtToken} from "./interfaces/ILrtToken.sol";

/// @title LrtToken: the share of the liquid restaking vault
contract LrtToken is ILrtToken, ERC20 {
    /// @dev ERC-7575: `vault(address)`.
    bytes4 private constant SHARE_INTERFACE = 0xf815c03d;

    /// @inheritdoc ILrtToken
    address public immutable hub;
    /// @inheritdoc ILrtToken
    mapping(address asset => address) public vault;

    modifier onlyVault() {
        _checkVault();
        _;
    }

    /// @dev The creator is the vault.
    constructor(string memory name, string memory symbol) ERC20(name, symbol) {
        hub = msg.sender;
    }

    /// @inheritdoc ILrtToken
    function mint(address to, uint256 shares) external onlyVault {
        _mint(to, shares);
    }

    /// @inheritdoc ILrtToken
    function burn(uint256 shares) external onlyVault {
        _burn(hub, shares);
    }

    /// @inheritdoc ILrtToken
    function escrow(address owner, address spender, uint256 shares) external onlyVault {
        if (spender != address(0) && spender != owner) _spendAllowance(owner, spender, shares);
        _transfer(owner, hub, shares);
    }

    /// @inheritdoc ILrtToken
    function setEntry(address asset, address entry) external onlyVault {
        vault[asset] = entry;
        emit VaultUpdate(asset, entry);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == SHARE_INTERFACE || interfaceId == type(IERC165).interfaceId;
    }

    function _checkVault() private view {
        require(msg.sender == hub, LrtTokenOnlyVault(msg.sender));
    }
}
