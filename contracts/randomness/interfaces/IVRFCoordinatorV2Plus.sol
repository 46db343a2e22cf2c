// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title VRFV2PlusClient: what consumers of Chainlink VRF v2.5 hand over
library VRFV2PlusClient {
    bytes4 internal constant EXTRA_ARGS_V1_TAG = bytes4(keccak256("VRF ExtraArgsV1"));

    struct ExtraArgsV1 {
        bool nativePayment;
    }

    struct RandomWordsRequest {
        bytes32 keyHash;
        uint256 subId;
        uint16 requestConfirmations;
        uint32 callbackGasLimit;
        uint32 numWords;
        bytes extraArgs;
    }
}

/// @title IVRFCoordinatorV2Plus: the functions, events and errors of Chainlink's VRFCoordinatorV2_5 that consumers and
/// owners of subscriptions use
interface IVRFCoordinatorV2Plus {
    event SubscriptionCreated(uint256 indexed subId, address owner);
    event SubscriptionFundedWithNative(
        uint256 indexed subId, uint256 oldNativeBalance, uint256 newNativeBalance
    );
    event SubscriptionConsumerAdded(uint256 indexed subId, address consumer);
    event SubscriptionConsumerRemoved(uint256 indexed subId, address consumer);
    event SubscriptionCanceled(uint256 indexed subId, address to, uint256 amountLink, uint256 amountNative);
    event SubscriptionOwnerTransferRequested(uint256 indexed subId, address from, address to);
    event SubscriptionOwnerTransferred(uint256 indexed subId, address from, address to);
    event RandomWordsRequested(
        bytes32 indexed keyHash,
        uint256 requestId,
        uint256 preSeed,
        uint256 indexed subId,
        uint16 minimumRequestConfirmations,
        uint32 callbackGasLimit,
        uint32 numWords,
        bytes extraArgs,
        address indexed sender
    );
    event RandomWordsFulfilled(
        uint256 indexed requestId,
        uint256 outputSeed,
        uint256 indexed subId,
        uint96 payment,
        bool nativePayment,
        bool success,
        bool onlyPremium
    );

    error TooManyConsumers();
    error InsufficientBalance();
    error InvalidConsumer(uint256 subId, address consumer);
    error InvalidSubscription();
    error MustBeSubOwner(address owner);
    error PendingRequestExists();
    error MustBeRequestedOwner(address proposedOwner);
    error FailedToSendNative();
    error IndexOutOfRange();
    error InvalidRequestConfirmations(uint16 have, uint16 min, uint16 max);
    error GasLimitTooBig(uint32 have, uint32 want);
    error NumWordsTooBig(uint32 have, uint32 want);
    error InvalidExtraArgsTag();

    function requestRandomWords(VRFV2PlusClient.RandomWordsRequest calldata req)
        external
        returns (uint256 requestId);

    function createSubscription() external returns (uint256 subId);
    function fundSubscriptionWithNative(uint256 subId) external payable;
    function addConsumer(uint256 subId, address consumer) external;
    function removeConsumer(uint256 subId, address consumer) external;
    function cancelSubscription(uint256 subId, address to) external;
    function requestSubscriptionOwnerTransfer(uint256 subId, address newOwner) external;
    function acceptSubscriptionOwnerTransfer(uint256 subId) external;
    function pendingRequestExists(uint256 subId) external view returns (bool);
    function getActiveSubscriptionIds(uint256 startIndex, uint256 maxCount)
        external
        view
        returns (uint256[] memory);
    function getSubscription(uint256 subId)
        external
        view
        returns (
            uint96 balance,
            uint96 nativeBalance,
            uint64 reqCount,
            address owner,
            address[] memory consumers
        );
}

/// @title IVRFConsumerV2Plus: what a VRFConsumerBaseV2Plus answers to its coordinator
interface IVRFConsumerV2Plus {
    function rawFulfillRandomWords(uint256 requestId, uint256[] calldata randomWords) external;
}
