// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title ILrtToken: the share of the liquid restaking vault
/// @dev ERC-20 with 18 decimals and the share side of ERC-7575: one share, one entry for each asset.
interface ILrtToken is IERC20, IERC165 {
    /// @notice Thrown when another than the vault calls what only the vault may.
    error LrtTokenOnlyVault(address caller);

    /// @notice ERC-7575: an asset got its entry.
    event VaultUpdate(address indexed asset, address vault);

    /// @notice The only contract that mints and burns.
    function hub() external view returns (address);

    /// @notice ERC-7575: the entry of an asset, or zero.
    function vault(address asset) external view returns (address);

    /// @notice Mints shares. Only the vault.
    function mint(address to, uint256 shares) external;

    /// @notice Burns shares that the vault itself holds. Only the vault.
    function burn(uint256 shares) external;

    /// @notice Takes shares from `owner` into the vault, to wait there for their exit. If `spender` is neither zero nor
    /// `owner`, it spends that much of the allowance it has from `owner`. Only the vault.
    function escrow(address owner, address spender, uint256 shares) external;

    /// @notice Names the entry of an asset. Only the vault.
    function setEntry(address asset, address entry) external;
}
