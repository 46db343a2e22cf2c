// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILrtVaultErrors} from "../../lrt/interfaces/ILrtVaultErrors.sol";
import {LrtSetup} from "./LrtSetup.sol";

/// @title EmptyStrategyTest: found by the campaign over the vault
/// @dev A strategy prices shares with 1,000 virtual ones, as EigenLayer's do. Who gives tokens to one that nobody has stake
/// in makes its shares dear, and the vault's next stake there is rounded down to whole ones. On a chain where
/// others stake too, a strategy is never empty.
contract EmptyStrategyTest is LrtSetup {
    function testAGiftToAnEmptyStrategyCostsItsGiverAThousandTimesWhatItCostsTheHolders() public {
        _in(ALICE, 2, 100 ether);
        vm.assertEq(strategies[2].totalShares(), 0);
        uint256 value = vault.totalValue();
        uint256 gift = 1 ether;
        _give(WHALE, address(strategies[2]), 2, gift);
        _restake(2);
        uint256 lost = value - vault.totalValue();
        vm.assertGt(lost, 0);
        // One share at each of three operators.
        vm.assertLe(lost, 3 * _ethValue(2, gift) / 1000 + 10);
    }

    /// @dev Stake that is worth less than one such share is left for later, instead of failing in the core.
    function testStakeThatIsWorthNoShareWaits() public {
        _in(ALICE, 2, 0.1 ether);
        _give(WHALE, address(strategies[2]), 2, 500 ether);
        vm.expectRevert(ILrtVaultErrors.LrtVaultNothingToDo.selector);
        _restake(2);
        _in(ALICE, 2, 100 ether);
        vm.assertGt(_restake(2), 0);
    }
}
