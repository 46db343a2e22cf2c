// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {Certificate} from "../../avs/interfaces/IServiceManager.sol";

/// @title IRandomnessService: the operators of the randomness beacon, and what misconduct costs them
/// @dev Beside what it is as an `IServiceManager`. Shares and keys are KeyGeneration's, rounds are RandomnessBeacon's.
interface IRandomnessService {
    event KeyGenerationSet(address indexed keyGeneration);
    /// @notice An operator broke the rules of a key generation: its weight is gone, and it left the set.
    /// @param epoch In whose table the operator took part.
    /// @param reason As KeyGeneration numbers them.
    /// @param strategies Those of the AVS, ascending; empty if the operator had nothing that could be slashed.
    /// @param shares What the operator in fact lost, in shares of each strategy.
    event OperatorConvicted(
        address indexed operator,
        uint64 indexed session,
        uint64 epoch,
        uint8 reason,
        IStrategy[] strategies,
        uint256[] shares
    );
    /// @notice A quorum reported who missed too many partial signatures in a window; they left the set.
    event ConductReported(uint64 indexed window, uint64 indexed epoch, address[] operators);

    /// @notice Service of the conduct certificates, whose slots are windows: keccak256("lariat/randomness").
    function SERVICE() external view returns (bytes32);
    /// @notice Service of `deal` statements, whose slots are sessions: keccak256("lariat/randomness/key").
    function DEAL_SERVICE() external view returns (bytes32);
    /// @notice Unix second at which window 0 ends.
    function genesis() external view returns (uint64);
    /// @notice Seconds of a window. Window w ends, and its slot's time is, at genesis + w * windowSeconds.
    function windowSeconds() external view returns (uint32);
    /// @notice Part of what an operator allocated to the AVS that one conviction costs, of 1e18.
    function convictionWad() external view returns (uint64);
    /// @notice The contract that may convict; zero before the owner set it, once.
    function keyGeneration() external view returns (address);

    /// @notice Takes an operator's weight at once, slashes it and throws it out, once for an operator and session; again
    /// it does nothing. Only KeyGeneration. Does not revert for an operator that has nothing to lose.
    function convict(address operator, uint64 session, uint64 epoch, uint8 reason) external;
    /// @notice Whether an operator was convicted in a session.
    function convicted(address operator, uint64 session) external view returns (bool);

    /// @notice Throws out operators that a quorum saw missing too many partial signatures, once for a window. The payload
    /// of the certificate, of service SERVICE and slot `window`, is keccak256(abi.encode(operators, window)).
    /// @param operators Strictly ascending.
    function reportConduct(
        uint64 epoch,
        uint64 window,
        uint16 attempt,
        Certificate calldata certificate,
        address[] calldata operators
    ) external;
    /// @notice Whether a window's report was acted on.
    function conductReported(uint64 window) external view returns (bool);

    /// @notice Whether an operator is in the set now.
    function isOperator(address operator) external view returns (bool);
}
