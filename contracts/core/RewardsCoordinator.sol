// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {OperatorSet, OperatorSets} from "./OperatorSet.sol";
import {RewardsMerkle} from "./RewardsMerkle.sol";
import {RewardsSubmissions} from "./RewardsSubmissions.sol";
import {IRewardsCoordinator} from "./interfaces/IRewardsCoordinator.sol";

/// @title RewardsCoordinator: roots of distributions, claims against them, and operators' splits
/// @dev Behaves as EigenLayer v1.12 does where protocol fees are off and nothing is paused: both are left out, as are
/// the submissions that are not directed to operators, and Programmatic Incentives.
contract RewardsCoordinator is RewardsSubmissions, Ownable {
    using SafeERC20 for IERC20;
    using OperatorSets for OperatorSet;

    /// @dev `next` replaces `current` at `activatedAt`. The first change has no predecessor: until it is active the
    /// default holds, whatever that is by then.
    struct Split {
        uint16 current;
        uint16 next;
        uint32 activatedAt;
    }

    /// @param owner Sets what follows, later too.
    /// @param rewardsUpdater Posts roots.
    /// @param activationDelay Seconds from a root, or a split, until it is in force.
    /// @param defaultOperatorSplitBips Operators' part of rewards unless they said otherwise.
    struct Settings {
        address owner;
        address rewardsUpdater;
        uint32 activationDelay;
        uint16 defaultOperatorSplitBips;
    }

    uint16 private constant MAX_SPLIT_BIPS = 10_000;
    /// @dev No split is that large.
    uint16 private constant NO_SPLIT = type(uint16).max;

    /// @dev First byte of a leaf, so that a leaf of one tree is none of the other.
    bytes1 private constant EARNER_LEAF_SALT = 0x00;
    bytes1 private constant TOKEN_LEAF_SALT = 0x01;

    /// @inheritdoc IRewardsCoordinator
    address public rewardsUpdater;
    /// @inheritdoc IRewardsCoordinator
    uint32 public activationDelay;
    /// @inheritdoc IRewardsCoordinator
    uint32 public currRewardsCalculationEndTimestamp;
    /// @inheritdoc IRewardsCoordinator
    uint16 public defaultOperatorSplitBips;
    /// @inheritdoc IRewardsCoordinator
    mapping(address earner => address) public claimerFor;
    /// @inheritdoc IRewardsCoordinator
    mapping(address earner => mapping(IERC20 token => uint256)) public cumulativeClaimed;

    DistributionRoot[] private _roots;
    mapping(address operator => mapping(address avs => Split)) private _avsSplits;
    mapping(address operator => mapping(bytes32 setKey => Split)) private _setSplits;

    modifier onlyRewardsUpdater() {
        _checkRewardsUpdater();
        _;
    }

    constructor(Core memory core, Limits memory limits, Settings memory settings)
        RewardsSubmissions(core, limits)
        Ownable(settings.owner)
    {
        _setRewardsUpdater(settings.rewardsUpdater);
        _setActivationDelay(settings.activationDelay);
        _setDefaultOperatorSplit(settings.defaultOperatorSplitBips);
    }

    // roots

    /// @inheritdoc IRewardsCoordinator
    function submitRoot(bytes32 root, uint32 endTimestamp) external onlyRewardsUpdater {
        require(endTimestamp > currRewardsCalculationEndTimestamp, NewRootMustBeForNewCalculatedPeriod());
        require(endTimestamp < block.timestamp, RewardsEndTimestampNotElapsed());
        uint32 activatedAt = _afterActivationDelay();
        uint32 index = SafeCast.toUint32(_roots.length);
        _roots.push(DistributionRoot(root, endTimestamp, activatedAt, false));
        currRewardsCalculationEndTimestamp = endTimestamp;
        emit DistributionRootSubmitted(index, root, endTimestamp, activatedAt);
    }

    /// @inheritdoc IRewardsCoordinator
    function disableRoot(uint32 rootIndex) external onlyRewardsUpdater {
        require(rootIndex < _roots.length, InvalidRootIndex());
        DistributionRoot storage root = _roots[rootIndex];
        require(!root.disabled, RootDisabled());
        require(block.timestamp < root.activatedAt, RootAlreadyActivated());
        root.disabled = true;
        emit DistributionRootDisabled(rootIndex);
    }

    /// @inheritdoc IRewardsCoordinator
    function getDistributionRootsLength() external view returns (uint256) {
        return _roots.length;
    }

    /// @inheritdoc IRewardsCoordinator
    function getDistributionRootAtIndex(uint256 index) external view returns (DistributionRoot memory) {
        return _roots[index];
    }

    /// @inheritdoc IRewardsCoordinator
    function getCurrentDistributionRoot() external view returns (DistributionRoot memory) {
        return _roots[_roots.length - 1];
    }

    /// @inheritdoc IRewardsCoordinator
    function getCurrentClaimableDistributionRoot() external view returns (DistributionRoot memory root) {
        for (uint256 i = _roots.length; i > 0; i--) {
            DistributionRoot storage candidate = _roots[i - 1];
            if (!candidate.disabled && block.timestamp >= candidate.activatedAt) return candidate;
        }
    }

    /// @inheritdoc IRewardsCoordinator
    function getRootIndexFromHash(bytes32 rootHash) external view returns (uint32) {
        for (uint256 i = _roots.length; i > 0; i--) {
            if (_roots[i - 1].root == rootHash) return SafeCast.toUint32(i - 1);
        }
        revert InvalidRoot();
    }

    // claims

    /// @inheritdoc IRewardsCoordinator
    function processClaim(RewardsMerkleClaim calldata claim, address recipient) external nonReentrant {
        _processClaim(claim, recipient);
    }

    /// @inheritdoc IRewardsCoordinator
    function processClaims(RewardsMerkleClaim[] calldata claims, address recipient) external nonReentrant {
        for (uint256 i = 0; i < claims.length; i++) {
            _processClaim(claims[i], recipient);
        }
    }

    /// @inheritdoc IRewardsCoordinator
    function checkClaim(RewardsMerkleClaim calldata claim) external view returns (bool) {
        _checkClaim(claim, _roots[claim.rootIndex]);
        return true;
    }

    /// @inheritdoc IRewardsCoordinator
    function calculateEarnerLeafHash(EarnerTreeMerkleLeaf calldata leaf) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(EARNER_LEAF_SALT, leaf.earner, leaf.earnerTokenRoot));
    }

    /// @inheritdoc IRewardsCoordinator
    function calculateTokenLeafHash(TokenTreeMerkleLeaf calldata leaf) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(TOKEN_LEAF_SALT, leaf.token, leaf.cumulativeEarnings));
    }

    /// @inheritdoc IRewardsCoordinator
    function setClaimerFor(address claimer) external {
        _setClaimer(msg.sender, claimer);
    }

    /// @inheritdoc IRewardsCoordinator
    function setClaimerFor(address earner, address claimer) external onlyFor(earner) {
        require(
            delegationManager.isOperator(earner) || allocationManager.getOperatorSetCount(earner) != 0,
            InvalidEarner()
        );
        _setClaimer(earner, claimer);
    }

    // splits

    /// @inheritdoc IRewardsCoordinator
    function setOperatorAVSSplit(address operator, address avs, uint16 split) external onlyFor(operator) {
        (uint16 before, uint32 activatedAt) = _setSplit(_avsSplits[operator][avs], split);
        emit OperatorAVSSplitBipsSet(msg.sender, operator, avs, activatedAt, before, split);
    }

    /// @inheritdoc IRewardsCoordinator
    function setOperatorSetSplit(address operator, OperatorSet calldata operatorSet, uint16 split)
        external
        onlyFor(operator)
    {
        require(allocationManager.isOperatorSet(operatorSet), InvalidOperatorSet());
        (uint16 before, uint32 activatedAt) = _setSplit(_setSplits[operator][operatorSet.key()], split);
        emit OperatorSetSplitBipsSet(msg.sender, operator, operatorSet, activatedAt, before, split);
    }

    /// @inheritdoc IRewardsCoordinator
    function getOperatorAVSSplit(address operator, address avs) external view returns (uint16) {
        return _splitNow(_avsSplits[operator][avs]);
    }

    /// @inheritdoc IRewardsCoordinator
    function getOperatorSetSplit(address operator, OperatorSet calldata operatorSet)
        external
        view
        returns (uint16)
    {
        return _splitNow(_setSplits[operator][operatorSet.key()]);
    }

    // the owner

    /// @inheritdoc IRewardsCoordinator
    function setActivationDelay(uint32 delay) external onlyOwner {
        _setActivationDelay(delay);
    }

    /// @inheritdoc IRewardsCoordinator
    function setDefaultOperatorSplit(uint16 split) external onlyOwner {
        _setDefaultOperatorSplit(split);
    }

    /// @inheritdoc IRewardsCoordinator
    function setRewardsUpdater(address updater) external onlyOwner {
        _setRewardsUpdater(updater);
    }

    function _checkRewardsUpdater() private view {
        require(msg.sender == rewardsUpdater, UnauthorizedCaller());
    }

    /// @dev Each token is noted as claimed before it moves.
    function _processClaim(RewardsMerkleClaim calldata claim, address recipient) private {
        DistributionRoot memory root = _roots[claim.rootIndex];
        _checkClaim(claim, root);
        address earner = claim.earnerLeaf.earner;
        address claimer = claimerFor[earner];
        if (claimer == address(0)) claimer = earner;
        require(msg.sender == claimer, UnauthorizedCaller());
        for (uint256 i = 0; i < claim.tokenLeaves.length; i++) {
            TokenTreeMerkleLeaf calldata leaf = claim.tokenLeaves[i];
            uint256 claimed = cumulativeClaimed[earner][leaf.token];
            require(leaf.cumulativeEarnings > claimed, EarningsNotGreaterThanClaimed());
            uint256 amount = leaf.cumulativeEarnings - claimed;
            cumulativeClaimed[earner][leaf.token] = leaf.cumulativeEarnings;
            leaf.token.safeTransfer(recipient, amount);
            emit RewardsClaimed(root.root, earner, claimer, recipient, leaf.token, amount);
        }
    }

    function _checkClaim(RewardsMerkleClaim calldata claim, DistributionRoot memory root) private view {
        require(!root.disabled, RootDisabled());
        require(block.timestamp >= root.activatedAt, RootNotActivated());
        require(claim.tokenIndices.length == claim.tokenTreeProofs.length, InputArrayLengthMismatch());
        require(claim.tokenTreeProofs.length == claim.tokenLeaves.length, InputArrayLengthMismatch());
        bytes calldata proof = claim.earnerTreeProof;
        require(claim.earnerIndex < _leavesAt(proof), InvalidEarnerLeafIndex());
        bytes32 leaf = calculateEarnerLeafHash(claim.earnerLeaf);
        require(RewardsMerkle.verify(proof, root.root, leaf, claim.earnerIndex), InvalidClaimProof());
        for (uint256 i = 0; i < claim.tokenIndices.length; i++) {
            _checkToken(claim, i);
        }
    }

    function _checkToken(RewardsMerkleClaim calldata claim, uint256 i) private pure {
        bytes calldata proof = claim.tokenTreeProofs[i];
        uint32 index = claim.tokenIndices[i];
        require(index < _leavesAt(proof), InvalidTokenLeafIndex());
        bytes32 leaf = calculateTokenLeafHash(claim.tokenLeaves[i]);
        require(
            RewardsMerkle.verify(proof, claim.earnerLeaf.earnerTokenRoot, leaf, index), InvalidClaimProof()
        );
    }

    /// @dev Number of leaves of a tree as deep as the proof is long. Zero from 256 levels on.
    function _leavesAt(bytes calldata proof) private pure returns (uint256) {
        return uint256(1) << (proof.length / 32);
    }

    /// @return before The split in force until then.
    function _setSplit(Split storage stored, uint16 split)
        private
        returns (uint16 before, uint32 activatedAt)
    {
        before = _splitNow(stored);
        activatedAt = _afterActivationDelay();
        require(split <= MAX_SPLIT_BIPS, SplitExceedsMax());
        require(block.timestamp > stored.activatedAt, PreviousSplitPending());
        stored.current = stored.activatedAt == 0 ? NO_SPLIT : stored.next;
        stored.next = split;
        stored.activatedAt = activatedAt;
    }

    function _splitNow(Split memory split) private view returns (uint16) {
        if (split.activatedAt == 0) return defaultOperatorSplitBips;
        if (block.timestamp >= split.activatedAt) return split.next;
        return split.current == NO_SPLIT ? defaultOperatorSplitBips : split.current;
    }

    function _afterActivationDelay() private view returns (uint32) {
        return SafeCast.toUint32(block.timestamp) + activationDelay;
    }

    function _setClaimer(address earner, address claimer) private {
        emit ClaimerForSet(earner, claimerFor[earner], claimer);
        claimerFor[earner] = claimer;
    }

    function _setActivationDelay(uint32 delay) private {
        emit ActivationDelaySet(activationDelay, delay);
        activationDelay = delay;
    }

    function _setDefaultOperatorSplit(uint16 split) private {
        require(split <= MAX_SPLIT_BIPS, SplitExceedsMax());
        emit DefaultOperatorSplitBipsSet(defaultOperatorSplitBips, split);
        defaultOperatorSplitBips = split;
    }

    function _setRewardsUpdater(address updater) private {
        emit RewardsUpdaterSet(rewardsUpdater, updater);
        rewardsUpdater = updater;
    }
}
