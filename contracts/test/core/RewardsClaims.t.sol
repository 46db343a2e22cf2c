// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {RewardsMerkle} from "../../core/RewardsMerkle.sol";
import {TestToken} from "../../core/TestToken.sol";
import {IPermissionController} from "../../core/interfaces/IPermissionController.sol";
import {IRewardsCoordinator} from "../../core/interfaces/IRewardsCoordinator.sol";
import {RewardsSetup} from "./RewardsSetup.sol";

contract RewardsRootsTest is RewardsSetup {
    function test_aRootIsActiveAfterTheDelay() public {
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.DistributionRootSubmitted(0, bytes32("one"), NOW - 1, NOW + ACTIVATION_DELAY);
        vm.prank(UPDATER);
        rewards.submitRoot("one", NOW - 1);
        assertRoot(rewards.getDistributionRootAtIndex(0), "one", NOW - 1, NOW + ACTIVATION_DELAY, false);
        assertRoot(rewards.getCurrentDistributionRoot(), "one", NOW - 1, NOW + ACTIVATION_DELAY, false);
        vm.assertEq(rewards.currRewardsCalculationEndTimestamp(), NOW - 1);
        vm.warp(NOW + ACTIVATION_DELAY - 1);
        assertRoot(rewards.getCurrentClaimableDistributionRoot(), 0, 0, 0, false);
        vm.warp(NOW + ACTIVATION_DELAY);
        assertRoot(
            rewards.getCurrentClaimableDistributionRoot(), "one", NOW - 1, NOW + ACTIVATION_DELAY, false
        );
    }

    function test_theNewestClaimableRootIsNeitherDisabledNorPending() public {
        uint32 first = _post("one");
        vm.startPrank(UPDATER);
        rewards.submitRoot("two", uint32(block.timestamp) - 1);
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.DistributionRootDisabled(1);
        rewards.disableRoot(1);
        vm.warp(block.timestamp + 2 * ACTIVATION_DELAY);
        rewards.submitRoot("three", uint32(block.timestamp) - 1);
        vm.stopPrank();
        vm.assertTrue(rewards.getDistributionRootAtIndex(1).disabled);
        vm.assertEq(rewards.getCurrentClaimableDistributionRoot().root, bytes32("one"));
        vm.assertEq(rewards.getCurrentDistributionRoot().root, bytes32("three"));
        vm.assertEq(rewards.getDistributionRootsLength(), 3);
        vm.assertEq(first, 0);
    }

    function test_findsTheNewestOfEqualRoots() public {
        _post("same");
        _post("other");
        _post("same");
        vm.assertEq(rewards.getRootIndexFromHash("same"), 2);
        vm.assertEq(rewards.getRootIndexFromHash("other"), 1);
        vm.expectRevert(IRewardsCoordinator.InvalidRoot.selector);
        rewards.getRootIndexFromHash("none");
    }

    function test_withoutRootsThereIsNoCurrentOne() public {
        assertRoot(rewards.getCurrentClaimableDistributionRoot(), 0, 0, 0, false);
        // an array's end that is not there: Panic(0x11), as of EigenLayer's contract
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        rewards.getCurrentDistributionRoot();
    }

    function test_onlyTheUpdaterPosts() public {
        vm.expectRevert(IRewardsCoordinator.UnauthorizedCaller.selector);
        rewards.submitRoot("one", NOW - 1);
        vm.expectRevert(IRewardsCoordinator.UnauthorizedCaller.selector);
        rewards.disableRoot(0);
    }

    function test_periodsGoForwardAndAreOver() public {
        _post("one");
        vm.startPrank(UPDATER);
        vm.expectRevert(IRewardsCoordinator.NewRootMustBeForNewCalculatedPeriod.selector);
        rewards.submitRoot("two", NOW - 1);
        vm.expectRevert(IRewardsCoordinator.RewardsEndTimestampNotElapsed.selector);
        rewards.submitRoot("two", uint32(block.timestamp));
    }

    function test_onlyAPendingRootCanBeDisabledOnce() public {
        vm.startPrank(UPDATER);
        vm.expectRevert(IRewardsCoordinator.InvalidRootIndex.selector);
        rewards.disableRoot(0);
        rewards.submitRoot("one", NOW - 2);
        rewards.submitRoot("two", NOW - 1);
        rewards.disableRoot(0);
        vm.expectRevert(IRewardsCoordinator.RootDisabled.selector);
        rewards.disableRoot(0);
        vm.warp(NOW + ACTIVATION_DELAY);
        vm.expectRevert(IRewardsCoordinator.RootAlreadyActivated.selector);
        rewards.disableRoot(1);
    }

    function test_theOwnerSetsUpdaterAndDelay() public {
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.RewardsUpdaterSet(UPDATER, BOB);
        rewards.setRewardsUpdater(BOB);
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.ActivationDelaySet(ACTIVATION_DELAY, 5);
        rewards.setActivationDelay(5);
        vm.prank(BOB);
        rewards.submitRoot("one", NOW - 1);
        vm.assertEq(rewards.getCurrentDistributionRoot().activatedAt, NOW + 5);
        vm.assertEq(rewards.rewardsUpdater(), BOB);
        vm.assertEq(rewards.activationDelay(), 5);

        bytes memory refusal = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, BOB);
        vm.startPrank(BOB);
        vm.expectRevert(refusal);
        rewards.setRewardsUpdater(BOB);
        vm.expectRevert(refusal);
        rewards.setActivationDelay(0);
        vm.expectRevert(refusal);
        rewards.setDefaultOperatorSplit(0);
    }

    function assertRoot(
        IRewardsCoordinator.DistributionRoot memory actual,
        bytes32 root,
        uint32 end,
        uint32 activatedAt,
        bool disabled
    ) private pure {
        vm.assertEq(actual.root, root);
        vm.assertEq(actual.rewardsCalculationEndTimestamp, end);
        vm.assertEq(actual.activatedAt, activatedAt);
        vm.assertEq(actual.disabled, disabled);
    }
}

contract RewardsClaimsTest is RewardsSetup {
    uint256 private constant HELD = 1000 ether;

    function setUp() public override {
        super.setUp();
        gold.mint(address(rewards), HELD);
        silver.mint(address(rewards), HELD);
    }

    function test_paysWhatIsNewAndOnlyThat() public {
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(1, 10 ether, 20 ether);
        vm.assertTrue(rewards.checkClaim(claim));
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.RewardsClaimed(root(0), BOB, BOB, CAROL, gold, 10 ether);
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.RewardsClaimed(root(0), BOB, BOB, CAROL, silver, 20 ether);
        vm.prank(BOB);
        rewards.processClaim(claim, CAROL);
        vm.assertEq(gold.balanceOf(CAROL), 10 ether);
        vm.assertEq(silver.balanceOf(CAROL), 20 ether);

        claim = claimOf(1, 15 ether, 20 ether + 1);
        vm.prank(BOB);
        rewards.processClaim(claim, BOB);
        vm.assertEq(gold.balanceOf(BOB), 5 ether);
        vm.assertEq(silver.balanceOf(BOB), 1);
        vm.assertEq(rewards.cumulativeClaimed(BOB, gold), 15 ether);
        vm.assertEq(rewards.cumulativeClaimed(BOB, silver), 20 ether + 1);
    }

    function test_anOldRootStillPays() public {
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(0, 1 ether, 1 ether);
        IRewardsCoordinator.RewardsMerkleClaim memory old = claim;
        claim = claimOf(0, 3 ether, 3 ether);
        vm.startPrank(ALICE);
        rewards.processClaim(old, ALICE);
        rewards.processClaim(claim, ALICE);
        vm.assertEq(gold.balanceOf(ALICE), 3 ether);
        // but never backwards
        vm.expectRevert(IRewardsCoordinator.EarningsNotGreaterThanClaimed.selector);
        rewards.processClaim(old, ALICE);
    }

    function test_aTokenWithoutAnythingNewRefusesTheWholeClaim() public {
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(1, 10 ether, 20 ether);
        vm.prank(BOB);
        rewards.processClaim(claim, BOB);
        claim = claimOf(1, 11 ether, 20 ether);
        vm.prank(BOB);
        vm.expectRevert(IRewardsCoordinator.EarningsNotGreaterThanClaimed.selector);
        rewards.processClaim(claim, BOB);
        // without that token it goes through
        drop(claim);
        vm.prank(BOB);
        rewards.processClaim(claim, BOB);
        vm.assertEq(gold.balanceOf(BOB), 11 ether);
    }

    function test_manyClaimsInOneCall() public {
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(0, 1 ether, 2 ether);
        IRewardsCoordinator.RewardsMerkleClaim[] memory claims =
            new IRewardsCoordinator.RewardsMerkleClaim[](2);
        claims[0] = claim;
        claim = claimOf(2, 3 ether, 4 ether);
        claims[1] = claim;
        vm.prank(CAROL);
        rewards.setClaimerFor(ALICE);
        vm.prank(ALICE);
        rewards.processClaims(claims, ALICE);
        vm.assertEq(gold.balanceOf(ALICE), 4 ether);
        vm.assertEq(rewards.cumulativeClaimed(CAROL, silver), 4 ether);
    }

    function test_onlyTheEarnerOrItsClaimer() public {
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(1, 1 ether, 1 ether);
        vm.prank(ALICE);
        vm.expectRevert(IRewardsCoordinator.UnauthorizedCaller.selector);
        rewards.processClaim(claim, ALICE);
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.ClaimerForSet(BOB, address(0), ALICE);
        vm.prank(BOB);
        rewards.setClaimerFor(ALICE);
        // the claimer takes the earner's place
        vm.prank(BOB);
        vm.expectRevert(IRewardsCoordinator.UnauthorizedCaller.selector);
        rewards.processClaim(claim, BOB);
        vm.prank(ALICE);
        rewards.processClaim(claim, ALICE);
        vm.assertEq(gold.balanceOf(ALICE), 1 ether);
        vm.prank(BOB);
        rewards.setClaimerFor(address(0));
        vm.assertEq(rewards.claimerFor(BOB), address(0));
    }

    function test_anAppointeeSetsTheClaimerOfAnOperatorOrAvs() public {
        _register(BOB, 0);
        vm.prank(BOB);
        permissions.setAppointee(
            BOB, CAROL, address(rewards), bytes4(keccak256("setClaimerFor(address,address)"))
        );
        vm.prank(CAROL);
        rewards.setClaimerFor(BOB, ALICE);
        vm.assertEq(rewards.claimerFor(BOB), ALICE);
        vm.prank(address(avs));
        rewards.setClaimerFor(address(avs), ALICE);
        vm.assertEq(rewards.claimerFor(address(avs)), ALICE);

        vm.prank(ALICE);
        vm.expectRevert(IRewardsCoordinator.InvalidEarner.selector);
        rewards.setClaimerFor(ALICE, BOB);
        vm.prank(ALICE);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        rewards.setClaimerFor(BOB, BOB);
    }

    function test_aRootMustBeActive() public {
        (bytes32 posted, IRewardsCoordinator.RewardsMerkleClaim memory made) =
            _claim(_earners(), 0, 1 ether, 1 ether);
        vm.startPrank(UPDATER);
        rewards.submitRoot(posted, NOW - 2);
        rewards.submitRoot(posted, NOW - 1);
        rewards.disableRoot(1);
        vm.stopPrank();
        vm.expectRevert(IRewardsCoordinator.RootNotActivated.selector);
        rewards.checkClaim(made);
        made.rootIndex = 1;
        vm.expectRevert(IRewardsCoordinator.RootDisabled.selector);
        rewards.checkClaim(made);
        made.rootIndex = 2;
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x32));
        rewards.checkClaim(made);
    }

    function test_listsMustBeOfOneLength() public {
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(0, 1 ether, 1 ether);
        claim.tokenIndices = new uint32[](1);
        vm.expectRevert(IRewardsCoordinator.InputArrayLengthMismatch.selector);
        rewards.checkClaim(claim);
        claim.tokenTreeProofs = new bytes[](1);
        vm.expectRevert(IRewardsCoordinator.InputArrayLengthMismatch.selector);
        rewards.checkClaim(claim);
    }

    function test_aLeafHasOneIndexOnly() public {
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(0, 1 ether, 1 ether);
        claim.earnerIndex = 4;
        vm.expectRevert(IRewardsCoordinator.InvalidEarnerLeafIndex.selector);
        rewards.checkClaim(claim);
        claim.earnerIndex = 0;
        claim.tokenIndices[0] = 2;
        vm.expectRevert(IRewardsCoordinator.InvalidTokenLeafIndex.selector);
        rewards.checkClaim(claim);
    }

    function test_proofsMustHold() public {
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(0, 1 ether, 1 ether);
        claim.earnerIndex = 1;
        vm.expectRevert(IRewardsCoordinator.InvalidClaimProof.selector);
        rewards.checkClaim(claim);
        claim.earnerIndex = 0;
        claim.tokenLeaves[1].cumulativeEarnings++;
        vm.expectRevert(IRewardsCoordinator.InvalidClaimProof.selector);
        rewards.checkClaim(claim);
        claim.earnerTreeProof = bytes.concat(claim.earnerTreeProof, hex"00");
        vm.expectRevert(RewardsMerkle.InvalidProofLength.selector);
        rewards.checkClaim(claim);
    }

    function test_anEmptyRootProvesNothing() public {
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(0, 1 ether, 1 ether);
        claim.rootIndex = _post(bytes32(0));
        vm.expectRevert(RewardsMerkle.EmptyRoot.selector);
        rewards.checkClaim(claim);
    }

    /// @dev A tree of one earner with one token has no nodes but leaves.
    function test_aTreeOfOneLeafNeedsNoProof() public {
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(0, 7 ether, 1);
        drop(claim);
        claim.tokenTreeProofs[0] = "";
        claim.earnerTreeProof = "";
        claim.earnerLeaf.earnerTokenRoot = _tokenLeaf(gold, 7 ether);
        claim.rootIndex = _post(_earnerLeaf(ALICE, claim.earnerLeaf.earnerTokenRoot));
        vm.prank(ALICE);
        rewards.processClaim(claim, ALICE);
        vm.assertEq(gold.balanceOf(ALICE), 7 ether);
    }

    /// @dev The salts keep an earner's leaf from passing for a token's, which has as many bytes.
    function test_leavesOfTheTwoTreesDiffer() public view {
        bytes32 half = bytes32(uint256(5 ether));
        bytes32 earner =
            rewards.calculateEarnerLeafHash(IRewardsCoordinator.EarnerTreeMerkleLeaf(address(gold), half));
        bytes32 amount =
            rewards.calculateTokenLeafHash(IRewardsCoordinator.TokenTreeMerkleLeaf(gold, uint256(half)));
        vm.assertTrue(earner != amount);
        vm.assertEq(earner, _earnerLeaf(address(gold), half));
        vm.assertEq(amount, _tokenLeaf(gold, uint256(half)));
    }

    function test_paysNoMoreThanItHolds() public {
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(0, HELD + 1, 1);
        vm.prank(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, address(rewards), HELD, HELD + 1
            )
        );
        rewards.processClaim(claim, ALICE);
    }

    function test_aTokenCannotClaimAgainFromItsTransfer() public {
        ReenteringToken evil = new ReenteringToken(rewards);
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(0, 1, 1);
        drop(claim);
        claim.tokenTreeProofs[0] = "";
        claim.earnerTreeProof = "";
        claim.tokenLeaves[0].token = evil;
        claim.earnerLeaf.earner = address(evil);
        claim.earnerLeaf.earnerTokenRoot = _tokenLeaf(evil, 1);
        claim.rootIndex = _post(_earnerLeaf(address(evil), claim.earnerLeaf.earnerTokenRoot));
        evil.mint(address(rewards), 2);
        evil.claim(claim);
        vm.assertEq(evil.refusal(), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vm.assertEq(evil.balanceOf(ALICE), 1);
    }

    function testFuzz_anyLeafOfAnyTreeCanBeClaimed(uint256 count, uint256 place, uint128 amount) public {
        count = bound(count, 1, 33);
        place = bound(place, 0, count - 1);
        bytes32 tokenRoot = _tokenLeaf(gold, amount);
        bytes32[] memory leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            leaves[i] = _earnerLeaf(i == place ? BOB : address(uint160(0x10000 + i)), tokenRoot);
        }
        (bytes32 posted, bytes memory proof) = _prove(leaves, place);
        IRewardsCoordinator.RewardsMerkleClaim memory claim = claimOf(0, 1, 1);
        drop(claim);
        claim.tokenTreeProofs[0] = "";
        claim.tokenLeaves[0].cumulativeEarnings = amount;
        claim.earnerLeaf = IRewardsCoordinator.EarnerTreeMerkleLeaf(BOB, tokenRoot);
        (claim.earnerIndex, claim.earnerTreeProof) = (uint32(place), proof);
        claim.rootIndex = _post(posted);
        vm.assertTrue(rewards.checkClaim(claim));
        claim.earnerLeaf.earner = ALICE;
        vm.expectRevert(IRewardsCoordinator.InvalidClaimProof.selector);
        rewards.checkClaim(claim);
    }

    /// @dev Whatever the roots say, an earner is paid the greatest of what it claimed by, once.
    function testFuzz_cumulativeEarningsArePaidOnce(uint96[6] memory cumulative) public {
        gold.mint(address(rewards), type(uint128).max);
        silver.mint(address(rewards), type(uint128).max);
        uint256 most = 0;
        for (uint256 i = 0; i < cumulative.length; i++) {
            IRewardsCoordinator.RewardsMerkleClaim memory claim =
                claimOf(1, cumulative[i], uint256(cumulative[i]) + 1);
            vm.prank(BOB);
            if (cumulative[i] <= most) {
                vm.expectRevert(IRewardsCoordinator.EarningsNotGreaterThanClaimed.selector);
            } else {
                most = cumulative[i];
            }
            rewards.processClaim(claim, BOB);
            vm.assertEq(gold.balanceOf(BOB), most);
            vm.assertEq(rewards.cumulativeClaimed(BOB, gold), most);
        }
    }

    /// @dev The claim of the `place`-th earner against a new, active root.
    function claimOf(uint256 place, uint256 amountGold, uint256 amountSilver)
        private
        returns (IRewardsCoordinator.RewardsMerkleClaim memory claim)
    {
        bytes32 posted;
        (posted, claim) = _claim(_earners(), place, amountGold, amountSilver);
        claim.rootIndex = _post(posted);
    }

    /// @dev Takes silver out of a claim.
    function drop(IRewardsCoordinator.RewardsMerkleClaim memory claim) private pure {
        uint32[] memory indices = new uint32[](1);
        bytes[] memory proofs = new bytes[](1);
        IRewardsCoordinator.TokenTreeMerkleLeaf[] memory leaves =
            new IRewardsCoordinator.TokenTreeMerkleLeaf[](1);
        (indices[0], proofs[0], leaves[0]) =
        (claim.tokenIndices[0], claim.tokenTreeProofs[0], claim.tokenLeaves[0]);
        (claim.tokenIndices, claim.tokenTreeProofs, claim.tokenLeaves) = (indices, proofs, leaves);
    }

    function root(uint256 index) private view returns (bytes32) {
        return rewards.getDistributionRootAtIndex(index).root;
    }
}

/// @notice Claims again while it is being transferred.
contract ReenteringToken is TestToken {
    IRewardsCoordinator private immutable _rewards;
    bytes private _again;
    bytes4 public refusal;

    constructor(IRewardsCoordinator rewards) TestToken("Reentering", "EVIL") {
        _rewards = rewards;
    }

    function claim(IRewardsCoordinator.RewardsMerkleClaim calldata claim_) external {
        _again = abi.encodeCall(IRewardsCoordinator.processClaim, (claim_, address(0xb0b)));
        _rewards.processClaim(claim_, address(0xa11ce));
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        (, bytes memory answer) = address(_rewards).call(_again);
        refusal = bytes4(answer);
        return super.transfer(to, amount);
    }
}
