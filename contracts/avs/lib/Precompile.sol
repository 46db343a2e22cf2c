// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Precompile: calls precompiled contracts with exactly the gas they cost
/// @dev A precompile takes all the gas it was handed when its input is invalid, and fails just the same when it was
/// handed too little. Handing it its exact price, after a check that this price can really be paid, tells the two
/// apart: `PrecompileOutOfGas` says nothing about the input, `PrecompileFailed` says that it is invalid.
library Precompile {
    error PrecompileOutOfGas(uint256 precompile, uint256 gasNeeded);
    error PrecompileFailed(uint256 precompile);

    /// @dev Pays for the check itself, the call (100 gas), the few instructions between the two, and memory that the
    /// output is the first to touch.
    uint256 private constant MARGIN = 1000;

    /// @param price Exact gas of this precompile for this input, or more where its price differs between forks.
    /// @param input Memory pointer of the input, `inputSize` bytes.
    /// @param output Memory pointer of at least `outputSize` bytes that takes the output; may be `input` itself.
    function run(
        uint256 precompile,
        uint256 price,
        uint256 input,
        uint256 inputSize,
        uint256 output,
        uint256 outputSize
    ) internal view {
        if (!attempt(precompile, price, input, inputSize, output, outputSize)) {
            revert PrecompileFailed(precompile);
        }
    }

    /// @notice As `run`, but returns whether the input is valid. It still reverts where the gas does not suffice.
    /// @param price Exact gas: with less, valid input would be called invalid.
    function attempt(
        uint256 precompile,
        uint256 price,
        uint256 input,
        uint256 inputSize,
        uint256 output,
        uint256 outputSize
    ) internal view returns (bool done) {
        bool affordable;
        assembly ("memory-safe") {
            // A call is handed at most 63/64 of the gas that is left.
            affordable := gt(gas(), add(add(price, div(price, 63)), MARGIN))
            if affordable {
                done := staticcall(price, precompile, input, inputSize, output, outputSize)
                done := and(done, eq(returndatasize(), outputSize))
            }
        }
        if (!affordable) revert PrecompileOutOfGas(precompile, price);
    }
}
