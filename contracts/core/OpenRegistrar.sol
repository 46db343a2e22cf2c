// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAVSRegistrar} from "./interfaces/IAVSRegistrar.sol";

/// @title OpenRegistrar: registrar of an AVS that takes every operator and keeps nothing about it
/// @dev For devnets: an account without code cannot be its own registrar. Holds nothing, so it matters to nobody who
/// calls it.
contract OpenRegistrar is IAVSRegistrar {
    /// @inheritdoc IAVSRegistrar
    function registerOperator(address, address, uint32[] calldata, bytes calldata) external {}

    /// @inheritdoc IAVSRegistrar
    function deregisterOperator(address, address, uint32[] calldata) external {}

    /// @inheritdoc IAVSRegistrar
    function supportsAVS(address) external pure returns (bool) {
        return true;
    }
}
