// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IAVSRegistrar: what an AVS answers when operators join and leave its sets
/// @dev Signatures as in EigenLayer v1.12.
interface IAVSRegistrar {
    /// @notice Called by the AllocationManager after `operator` was added to the sets; a revert refuses it.
    /// @param data What the operator handed to `registerForOperatorSets`, in the AVS's own encoding.
    function registerOperator(
        address operator,
        address avs,
        uint32[] calldata operatorSetIds,
        bytes calldata data
    ) external;

    /// @notice Called by the AllocationManager after `operator` was removed from the sets.
    function deregisterOperator(address operator, address avs, uint32[] calldata operatorSetIds) external;

    /// @notice Whether this registrar serves `avs`. Asked by `setAVSRegistrar`.
    function supportsAVS(address avs) external view returns (bool);
}
