// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Statement} from "../interfaces/IServiceManager.sol";

/// @title Digests: what operators sign, by EIP-712 under the domain {name: "Lariat", version: "1", chainId, contract}
library Digests {
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant STATEMENT_TYPE = keccak256(
        "Statement(bytes32 service,uint8 kind,uint64 epoch,uint64 slot,uint16 attempt,bytes32 payload)"
    );
    bytes32 private constant REGISTRATION_TYPE =
        keccak256("BlsKeyRegistration(address operator,bytes publicKey)");

    /// @notice The domain separator of a contract on this chain.
    function domain(address verifyingContract) internal view returns (bytes32) {
        return domainOf(block.chainid, verifyingContract);
    }

    /// @notice The domain separator of a contract on any chain.
    function domainOf(uint256 chainId, address verifyingContract) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(DOMAIN_TYPE, keccak256("Lariat"), keccak256("1"), chainId, verifyingContract)
            );
    }

    function statement(bytes32 separator, Statement memory s) internal pure returns (bytes32) {
        return _digest(
            separator,
            keccak256(abi.encode(STATEMENT_TYPE, s.service, s.kind, s.epoch, s.slot, s.attempt, s.payload))
        );
    }

    function registration(bytes32 separator, address operator, bytes memory publicKey)
        internal
        pure
        returns (bytes32)
    {
        return _digest(separator, keccak256(abi.encode(REGISTRATION_TYPE, operator, keccak256(publicKey))));
    }

    function _digest(bytes32 separator, bytes32 structHash) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }
}
