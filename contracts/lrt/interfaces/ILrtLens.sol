// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILrtVault} from "./ILrtVault.sol";

/// @title ILrtLens: what people and programs ask about a vault, beyond what the vault needs to know itself
/// @dev Stateless; reads the vault and the core.
interface ILrtLens {
    /// @notice An operator of the vault that a set can slash to its own redistribution address.
    /// @param recipient Where slashed stake goes instead of being burned.
    /// @param magnitude Part of the operator's stake allocated to it, of 1e18, in the strategy where it is greatest.
    struct Redistribution {
        address operator;
        address avs;
        uint32 operatorSetId;
        address recipient;
        uint64 magnitude;
    }

    /// @notice Withdrawals of an operator's account that can be completed now.
    function completable(ILrtVault vault, address operator) external view returns (bytes32[] memory roots);

    /// @notice Sets with a redistribution address of their own to which the vault's operators allocate.
    function redistributing(ILrtVault vault) external view returns (Redistribution[] memory);

    /// @notice Value that each operator holds for the vault, staked and in withdrawals, in wei of ETH.
    function stakeByOperator(ILrtVault vault)
        external
        view
        returns (address[] memory operators, uint256[] memory values);

    /// @notice P over what all shares stand for at the rate, of 1e18: 1e18 says fully backed. After a loss it is below
    /// by the part of the virtual value, at most 1e12 wei in all.
    function backingRatio(ILrtVault vault) external view returns (uint256 ratio);
}
