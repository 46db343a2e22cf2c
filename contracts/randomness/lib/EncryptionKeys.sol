// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {OperatorSet} from "../../core/OperatorSet.sol";
import {IKeyGeneration} from "../interfaces/IKeyGeneration.sol";
import {IKeyGenerationErrors as Errors} from "../interfaces/IKeyGenerationErrors.sol";
import {IKeyService} from "../interfaces/IKeyGenerationPorts.sol";
import {KeySessions} from "./KeySessions.sol";
import {Members} from "./Members.sol";
import {Points} from "./Points.sol";
import {Scalars} from "./Scalars.sol";
import {Schnorr} from "./Schnorr.sol";

/// @title EncryptionKeys: the keys that shares are sealed with
/// @dev A key serves one session that succeeds. Once its owner has destroyed it, what the chain keeps of the sealed
/// shares stays sealed for good.
library EncryptionKeys {
    uint8 private constant REGISTERED = 1;
    uint8 private constant SPENT = 2;

    function register(KeySessions.State storage self, bytes memory publicKey, uint256 c, uint256 z) internal {
        require(isOperator(self.service, msg.sender), Errors.NotAnOperator(msg.sender));
        Points.requireOne(publicKey, Points.G1_SIZE);
        bytes32 hash = keccak256(publicKey);
        require(self.keyStates[hash] == 0, Errors.EncryptionKeyUsed(publicKey));
        bytes memory nonce = Schnorr.nonceG1(publicKey, c, z);
        bytes memory transcript = abi.encodePacked(
            "lariat/dkg/encryption-key", block.chainid, address(this), msg.sender, publicKey, nonce
        );
        require(c == Scalars.challenge(transcript), Errors.EncryptionKeyProofInvalid());
        self.keyStates[hash] = REGISTERED;
        (bytes32 first, bytes32 second, bytes32 third) = _words(publicKey);
        self.keys[msg.sender] = KeySessions.Key(first, second, third);
        emit IKeyGeneration.EncryptionKeyRegistered(msg.sender, publicKey);
    }

    /// @notice The operator's newest key, empty if it has none, and whether it can serve a session.
    function keyOf(KeySessions.State storage self, address operator)
        internal
        view
        returns (bytes memory publicKey, bool usable)
    {
        KeySessions.Key storage key = self.keys[operator];
        publicKey = abi.encodePacked(key.first, key.second, key.third);
        if (Points.isInfinite(publicKey)) return ("", false);
        usable = self.keyStates[keccak256(publicKey)] == REGISTERED;
    }

    /// @notice Makes the keys of all members of a session useless for another.
    function spend(KeySessions.State storage self, bytes memory members) internal {
        uint256 count = Members.count(members);
        for (uint256 i; i < count; ++i) {
            self.keyStates[keccak256(Members.keyAt(members, i))] = SPENT;
        }
    }

    /// @notice Whether an account is in the service's operator set.
    function isOperator(IKeyService service, address account) internal view returns (bool) {
        OperatorSet memory set = OperatorSet(address(service), service.operatorSetId());
        return service.allocationManager().isMemberOfOperatorSet(account, set);
    }

    function _words(bytes memory key) private pure returns (bytes32 first, bytes32 second, bytes32 third) {
        assembly ("memory-safe") {
            first := mload(add(key, 32))
            second := mload(add(key, 64))
            third := mload(add(key, 96))
        }
    }
}
