// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {IVRFCoordinatorV2Plus} from "./interfaces/IVRFCoordinatorV2Plus.sol";

/// @title VrfSubscriptions: who pays for whose random words, as in Chainlink VRF v2.5
/// @dev There is one currency, the chain's own: balances in LINK are always zero. No function is locked while another
/// runs: each has changed all that it changes before it calls out. A lock would let whoever is paid by one function
/// have other people's words refused, by fulfilling their requests meanwhile.
abstract contract VrfSubscriptions is IVRFCoordinatorV2Plus {
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.UintSet;

    /// @notice Consumers of one subscription.
    uint256 public constant MAX_CONSUMERS = 100;

    /// @param pending Requests that wait.
    /// @param reqCount Requests that were fulfilled.
    struct Subscription {
        address owner;
        uint96 balance;
        address requestedOwner;
        uint32 pending;
        uint64 reqCount;
        EnumerableSet.AddressSet consumers;
    }

    uint32 private _lastSubscription;
    EnumerableSet.UintSet private _ids;
    mapping(uint256 subId => Subscription) internal _subscriptions;

    modifier onlySubOwner(uint256 subId) {
        _onlySubOwner(subId);
        _;
    }

    /// @inheritdoc IVRFCoordinatorV2Plus
    function createSubscription() external returns (uint256 subId) {
        subId = ++_lastSubscription;
        _subscriptions[subId].owner = msg.sender;
        _ids.add(subId);
        emit SubscriptionCreated(subId, msg.sender);
    }

    /// @inheritdoc IVRFCoordinatorV2Plus
    /// @dev Anyone may pay.
    function fundSubscriptionWithNative(uint256 subId) external payable {
        Subscription storage subscription = _known(subId);
        uint256 before = subscription.balance;
        // No chain has 2^96 wei.
        // forge-lint: disable-next-line(unsafe-typecast)
        subscription.balance = uint96(before + msg.value);
        emit SubscriptionFundedWithNative(subId, before, before + msg.value);
    }

    /// @inheritdoc IVRFCoordinatorV2Plus
    function addConsumer(uint256 subId, address consumer) external onlySubOwner(subId) {
        EnumerableSet.AddressSet storage consumers = _subscriptions[subId].consumers;
        // As Chainlink's: adding again does nothing.
        if (consumers.contains(consumer)) return;
        require(consumers.length() < MAX_CONSUMERS, TooManyConsumers());
        consumers.add(consumer);
        emit SubscriptionConsumerAdded(subId, consumer);
    }

    /// @inheritdoc IVRFCoordinatorV2Plus
    function removeConsumer(uint256 subId, address consumer) external onlySubOwner(subId) {
        Subscription storage subscription = _subscriptions[subId];
        require(subscription.pending == 0, PendingRequestExists());
        require(subscription.consumers.remove(consumer), InvalidConsumer(subId, consumer));
        emit SubscriptionConsumerRemoved(subId, consumer);
    }

    /// @inheritdoc IVRFCoordinatorV2Plus
    function cancelSubscription(uint256 subId, address to) external onlySubOwner(subId) {
        Subscription storage subscription = _subscriptions[subId];
        require(subscription.pending == 0, PendingRequestExists());
        uint256 amount = subscription.balance;
        subscription.consumers.clear();
        (subscription.owner, subscription.balance) = (address(0), 0);
        (subscription.requestedOwner, subscription.reqCount) = (address(0), 0);
        _ids.remove(subId);
        emit SubscriptionCanceled(subId, to, 0, amount);
        (bool sent,) = to.call{value: amount}("");
        require(sent, FailedToSendNative());
    }

    /// @inheritdoc IVRFCoordinatorV2Plus
    function requestSubscriptionOwnerTransfer(uint256 subId, address newOwner) external onlySubOwner(subId) {
        Subscription storage subscription = _subscriptions[subId];
        if (subscription.requestedOwner == newOwner) return;
        subscription.requestedOwner = newOwner;
        emit SubscriptionOwnerTransferRequested(subId, msg.sender, newOwner);
    }

    /// @inheritdoc IVRFCoordinatorV2Plus
    function acceptSubscriptionOwnerTransfer(uint256 subId) external {
        Subscription storage subscription = _known(subId);
        address proposed = subscription.requestedOwner;
        require(msg.sender == proposed, MustBeRequestedOwner(proposed));
        emit SubscriptionOwnerTransferred(subId, subscription.owner, msg.sender);
        (subscription.owner, subscription.requestedOwner) = (msg.sender, address(0));
    }

    /// @inheritdoc IVRFCoordinatorV2Plus
    function pendingRequestExists(uint256 subId) external view returns (bool) {
        return _subscriptions[subId].pending != 0;
    }

    /// @inheritdoc IVRFCoordinatorV2Plus
    /// @param maxCount 0 for all that follow.
    function getActiveSubscriptionIds(uint256 startIndex, uint256 maxCount)
        external
        view
        returns (uint256[] memory)
    {
        uint256 total = _ids.length();
        require(startIndex < total, IndexOutOfRange());
        uint256 most = total - startIndex;
        return _ids.values(startIndex, startIndex + (maxCount == 0 || maxCount > most ? most : maxCount));
    }

    /// @inheritdoc IVRFCoordinatorV2Plus
    function getSubscription(uint256 subId)
        external
        view
        returns (
            uint96 balance,
            uint96 nativeBalance,
            uint64 reqCount,
            address owner,
            address[] memory consumers
        )
    {
        Subscription storage subscription = _known(subId);
        return
            (
                0,
                subscription.balance,
                subscription.reqCount,
                subscription.owner,
                subscription.consumers.values()
            );
    }

    function _known(uint256 subId) internal view returns (Subscription storage subscription) {
        subscription = _subscriptions[subId];
        require(subscription.owner != address(0), InvalidSubscription());
    }

    function _isConsumer(uint256 subId, address consumer) internal view returns (bool) {
        return _subscriptions[subId].consumers.contains(consumer);
    }

    function _onlySubOwner(uint256 subId) private view {
        address owner = _known(subId).owner;
        require(msg.sender == owner, MustBeSubOwner(owner));
    }
}
