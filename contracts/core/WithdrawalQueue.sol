// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {Delegations} from "./Delegations.sol";
import {OperatorSet} from "./OperatorSet.sol";
import {SlashingMath, WAD} from "./SlashingMath.sol";
import {IDelegationManager} from "./interfaces/IDelegationManager.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";

/// @title WithdrawalQueue: how stake leaves, and what a slash takes of it on the way
/// @dev A withdrawal keeps *scaled* shares. They become shares times the operator's maximum magnitude in the last block
/// of the delay, so a slash within it takes the same part of queued shares as of delegated ones, without touching them.
abstract contract WithdrawalQueue is Delegations {
    using Checkpoints for Checkpoints.Trace224;
    using EnumerableSet for EnumerableSet.Bytes32Set;
    using SafeCast for uint256;

    /// @inheritdoc IDelegationManager
    uint32 public immutable minWithdrawalDelayBlocks;
    /// @inheritdoc IDelegationManager
    mapping(address staker => uint256) public cumulativeWithdrawalsQueued;

    mapping(bytes32 root => Withdrawal) private _queued;
    mapping(address staker => EnumerableSet.Bytes32Set) private _rootsOf;
    /// @dev By block, all scaled shares ever queued: what came within the delay is still slashable.
    mapping(address operator => mapping(IStrategy => Checkpoints.Trace224)) private _scaledSharesQueued;

    constructor(uint32 delayBlocks) {
        minWithdrawalDelayBlocks = delayBlocks;
    }

    /// @inheritdoc IDelegationManager
    function undelegate(address staker) public nonReentrant returns (bytes32[] memory roots) {
        require(isDelegated(staker), NotActivelyDelegated());
        require(!isOperator(staker), OperatorsCannotUndelegate());
        address operator = delegatedTo[staker];
        if (msg.sender != staker) {
            require(
                _mayActFor(operator) || msg.sender == delegationApprover[operator], CallerCannotUndelegate()
            );
            emit StakerForceUndelegated(staker, operator);
        }
        delete delegatedTo[staker];
        emit StakerUndelegated(staker, operator);

        (IStrategy[] memory strategies, uint256[] memory shares) = getDepositedShares(staker);
        roots = new bytes32[](strategies.length);
        for (uint256 i = 0; i < roots.length; i++) {
            // One withdrawal a strategy, so that one that fails does not hold up the others.
            IStrategy[] memory strategy = new IStrategy[](1);
            uint256[] memory amount = new uint256[](1);
            (strategy[0], amount[0]) = (strategies[i], shares[i]);
            roots[i] = _queue(staker, operator, strategy, amount);
        }
    }

    /// @inheritdoc IDelegationManager
    function redelegate(
        address newOperator,
        SignatureWithExpiry calldata newOperatorApproverSig,
        bytes32 approverSalt
    ) external returns (bytes32[] memory roots) {
        roots = undelegate(msg.sender);
        delegateTo(newOperator, newOperatorApproverSig, approverSalt);
    }

    /// @inheritdoc IDelegationManager
    function queueWithdrawals(QueuedWithdrawalParams[] calldata params)
        external
        nonReentrant
        returns (bytes32[] memory roots)
    {
        roots = new bytes32[](params.length);
        address operator = delegatedTo[msg.sender];
        for (uint256 i = 0; i < roots.length; i++) {
            require(params[i].strategies.length == params[i].depositShares.length, InputArrayLengthMismatch());
            roots[i] = _queue(msg.sender, operator, params[i].strategies, params[i].depositShares);
        }
    }

    /// @inheritdoc IDelegationManager
    function completeQueuedWithdrawal(
        Withdrawal calldata withdrawal,
        IERC20[] calldata tokens,
        bool receiveAsTokens
    ) external nonReentrant {
        _complete(withdrawal, tokens, receiveAsTokens);
    }

    /// @inheritdoc IDelegationManager
    function completeQueuedWithdrawals(
        Withdrawal[] calldata withdrawals,
        IERC20[][] calldata tokens,
        bool[] calldata receiveAsTokens
    ) external nonReentrant {
        for (uint256 i = 0; i < withdrawals.length; i++) {
            _complete(withdrawals[i], tokens[i], receiveAsTokens[i]);
        }
    }

    /// @inheritdoc IDelegationManager
    function slashOperatorShares(
        address operator,
        OperatorSet calldata operatorSet,
        uint256 slashId,
        IStrategy strategy,
        uint64 prevMaxMagnitude,
        uint64 newMaxMagnitude
    ) external nonReentrant returns (uint256 totalDepositSharesToSlash) {
        require(msg.sender == address(allocationManager), OnlyAllocationManager());
        uint256 delegated =
            SlashingMath.slashedShares(operatorShares[operator][strategy], prevMaxMagnitude, newMaxMagnitude);
        totalDepositSharesToSlash =
            delegated + _slashedInQueue(operator, strategy, prevMaxMagnitude, newMaxMagnitude);
        _decrease(operator, address(0), strategy, delegated);
        emit OperatorSharesSlashed(operator, strategy, totalDepositSharesToSlash);
        strategyManager.increaseBurnOrRedistributableShares(
            operatorSet, slashId, strategy, totalDepositSharesToSlash
        );
    }

    /// @inheritdoc IDelegationManager
    function getQueuedWithdrawals(address staker)
        external
        view
        returns (Withdrawal[] memory withdrawals, uint256[][] memory shares)
    {
        bytes32[] memory roots = _rootsOf[staker].values();
        withdrawals = new Withdrawal[](roots.length);
        shares = new uint256[][](roots.length);
        for (uint256 i = 0; i < roots.length; i++) {
            (withdrawals[i], shares[i]) = getQueuedWithdrawal(roots[i]);
        }
    }

    /// @inheritdoc IDelegationManager
    function getQueuedWithdrawal(bytes32 root)
        public
        view
        returns (Withdrawal memory withdrawal, uint256[] memory shares)
    {
        withdrawal = _queued[root];
        shares = new uint256[](withdrawal.strategies.length);
        uint256[] memory factors = _slashingFactors(withdrawal);
        for (uint256 i = 0; i < shares.length; i++) {
            shares[i] = SlashingMath.mulWad(withdrawal.scaledShares[i], factors[i]);
        }
    }

    /// @inheritdoc IDelegationManager
    function queuedWithdrawals(bytes32 root) external view returns (Withdrawal memory) {
        return _queued[root];
    }

    /// @inheritdoc IDelegationManager
    function getQueuedWithdrawalRoots(address staker) external view returns (bytes32[] memory) {
        return _rootsOf[staker].values();
    }

    /// @inheritdoc IDelegationManager
    function pendingWithdrawals(bytes32 root) public view returns (bool) {
        return _queued[root].staker != address(0);
    }

    /// @inheritdoc IDelegationManager
    function getSlashableSharesInQueue(address operator, IStrategy strategy) external view returns (uint256) {
        return _slashedInQueue(operator, strategy, allocationManager.getMaxMagnitude(operator, strategy), 0);
    }

    /// @inheritdoc IDelegationManager
    function calculateWithdrawalRoot(Withdrawal memory withdrawal) public pure returns (bytes32) {
        return keccak256(abi.encode(withdrawal));
    }

    function _queue(
        address staker,
        address operator,
        IStrategy[] memory strategies,
        uint256[] memory depositShares
    ) private returns (bytes32 root) {
        require(strategies.length != 0, InputArrayLengthZero());
        uint256[] memory scaledShares = new uint256[](strategies.length);
        uint256[] memory shares = new uint256[](strategies.length);
        for (uint256 i = 0; i < strategies.length; i++) {
            (scaledShares[i], shares[i]) = _take(staker, operator, strategies[i], depositShares[i]);
        }
        Withdrawal memory withdrawal = Withdrawal({
            staker: staker,
            delegatedTo: operator,
            withdrawer: staker,
            nonce: cumulativeWithdrawalsQueued[staker]++,
            startBlock: block.number.toUint32(),
            strategies: strategies,
            scaledShares: scaledShares
        });
        root = calculateWithdrawalRoot(withdrawal);
        _queued[root] = withdrawal;
        _rootsOf[staker].add(root);
        emit SlashingWithdrawalQueued(root, withdrawal, shares);
    }

    /// @dev Takes deposit shares of one strategy from a staker and from the operator that it is, or just was, with.
    function _take(address staker, address operator, IStrategy strategy, uint256 depositShares)
        private
        returns (uint256 scaledShares, uint256 shares)
    {
        scaledShares = SlashingMath.scaled(depositShares, depositScalingFactor(staker, strategy));
        shares = SlashingMath.mulWad(scaledShares, _slashingFactor(operator, strategy));
        if (operator != address(0)) {
            Checkpoints.Trace224 storage queued = _scaledSharesQueued[operator][strategy];
            queued.push(block.number.toUint32(), (queued.latest() + scaledShares).toUint224());
            _decrease(operator, staker, strategy, shares);
        }
        if (strategyManager.removeDepositShares(staker, strategy, depositShares) == 0) {
            _resetScalingFactor(staker, strategy);
        }
    }

    function _complete(Withdrawal calldata withdrawal, IERC20[] calldata tokens, bool receiveAsTokens)
        private
    {
        require(tokens.length == withdrawal.strategies.length, InputArrayLengthMismatch());
        require(msg.sender == withdrawal.withdrawer, WithdrawerNotCaller());
        bytes32 root = calculateWithdrawalRoot(withdrawal);
        require(pendingWithdrawals(root), WithdrawalNotQueued());
        require(block.number > _slashableUntil(withdrawal.startBlock), WithdrawalDelayNotElapsed());
        uint256[] memory factors = _slashingFactors(withdrawal);

        _rootsOf[withdrawal.staker].remove(root);
        delete _queued[root];
        emit SlashingWithdrawalCompleted(root);

        for (uint256 i = 0; i < factors.length; i++) {
            uint256 shares = SlashingMath.mulWad(withdrawal.scaledShares[i], factors[i]);
            if (shares == 0) continue;
            IStrategy strategy = withdrawal.strategies[i];
            if (receiveAsTokens) {
                strategyManager.withdrawSharesAsTokens(withdrawal.staker, strategy, tokens[i], shares);
            } else {
                _restake(withdrawal.staker, strategy, shares);
            }
        }
    }

    /// @dev As a deposit of these shares now: with the operator that the staker has now, if any.
    function _restake(address staker, IStrategy strategy, uint256 shares) private {
        (uint256 before, uint256 added) = strategyManager.addShares(staker, strategy, shares);
        _increase(staker, delegatedTo[staker], strategy, before, added);
    }

    /// @dev Of a withdrawal whose delay is over, the maximum magnitudes at its end; of another, those of now.
    function _slashingFactors(Withdrawal memory withdrawal) private view returns (uint256[] memory factors) {
        factors = new uint256[](withdrawal.strategies.length);
        uint256 slashableUntil = _slashableUntil(withdrawal.startBlock);
        bool isOver = block.number > slashableUntil;
        uint64[] memory magnitudes;
        if (withdrawal.delegatedTo != address(0)) {
            magnitudes = allocationManager.getMaxMagnitudesAtBlock(
                withdrawal.delegatedTo,
                withdrawal.strategies,
                (isOver ? slashableUntil : block.number).toUint32()
            );
        }
        for (uint256 i = 0; i < factors.length; i++) {
            factors[i] = withdrawal.delegatedTo == address(0) ? WAD : magnitudes[i];
        }
    }

    function _slashableUntil(uint32 startBlock) private view returns (uint256) {
        return uint256(startBlock) + minWithdrawalDelayBlocks;
    }

    /// @dev What a fall of the maximum magnitude takes of the shares in the queue that are within their delay.
    function _slashedInQueue(address operator, IStrategy strategy, uint64 previous, uint64 next)
        private
        view
        returns (uint256)
    {
        if (previous == 0) return 0;
        Checkpoints.Trace224 storage queued = _scaledSharesQueued[operator][strategy];
        uint256 scaledShares = queued.latest();
        if (scaledShares != 0 && block.number > minWithdrawalDelayBlocks) {
            scaledShares -= queued.upperLookupRecent((block.number - minWithdrawalDelayBlocks - 1).toUint32());
        }
        return SlashingMath.slashedShares(SlashingMath.mulWad(scaledShares, previous), previous, next);
    }
}
