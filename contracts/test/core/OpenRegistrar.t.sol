// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {OpenRegistrar} from "../../core/OpenRegistrar.sol";

contract OpenRegistrarTest {
    function testTakesEveryOperatorOfEveryAvs(address operator, address avs, bytes calldata data) public {
        OpenRegistrar registrar = new OpenRegistrar();
        uint32[] memory ids = new uint32[](1);
        registrar.registerOperator(operator, avs, ids, data);
        registrar.deregisterOperator(operator, avs, ids);
        require(registrar.supportsAVS(avs), "every AVS is served");
    }
}
