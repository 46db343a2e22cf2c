// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IRewardsCoordinator} from "../../core/interfaces/IRewardsCoordinator.sol";
import {Claimable, ExitRequest, Holding, Lst, OperatorInfo, PriceSource, Role, Totals} from "./ILrtTypes.sol";
import {ILrtVaultErrors} from "./ILrtVaultErrors.sol";

/// @title ILrtVault: the books, the exit queue and the stake of the liquid restaking token
/// @dev Users deposit and leave by the entries, ILrtEntry. Here is what anyone may push along (restake, unstake,
/// complete, fulfil, rewards), what roles may do, and what there is to read. Values are wei of ETH by the LSTs' own
/// rates, never by a market; units of an LST are what does not rebase.
interface ILrtVault is ILrtVaultErrors {
    event Deposited(
        address indexed token, address indexed receiver, uint256 units, uint256 value, uint256 shares
    );
    /// @param gain Wei of ETH that came since the last sync; `fee` of it went to the treasury as `feeShares`.
    event Synced(uint256 gain, uint256 fee, uint256 feeShares, uint256 locked, uint256 vestsUntil);
    event ExitRequested(uint256 indexed index, address indexed controller, uint256 shares, uint256 value);
    /// @param value Wei of ETH that the shares were paid, `units` in the order of `lsts()`.
    event ExitFulfilled(
        uint256 indexed index, address indexed controller, uint256 shares, uint256 value, uint256[] units
    );
    event Claimed(
        address indexed token, address indexed controller, address receiver, uint256 shares, uint256 units
    );
    event Restaked(address indexed token, address indexed operator, uint256 units);
    event Unstaking(address indexed operator, bytes32 root);
    event WithdrawalCompleted(address indexed operator, bytes32 root);
    event RewardsClaimed(address indexed operator);
    event RewardSold(
        address indexed reward, uint256 amount, address indexed token, uint256 units, address indexed buyer
    );
    event OperatorAdded(address indexed operator, address account);
    event OperatorRemoved(address indexed operator, address account);
    event OperatorRetired(address indexed operator, address account);
    event TargetSet(address indexed operator, uint16 targetBps);
    event LstAdded(address indexed token, address strategy, address entry);
    event MarketSet(address indexed token, PriceSource market);
    event CapSet(address indexed token, uint256 cap);
    event RewardSaleSet(address indexed reward, PriceSource price);
    event FeeSet(uint16 feeBps, address treasury);
    event PauseSet(bool paused);
    event Opened();
    event Proposed(bytes32 indexed id, address indexed proposer, bytes data, uint256 readyBlock);
    event Executed(bytes32 indexed id);
    event Cancelled(bytes32 indexed id);
    event RoleTransferStarted(Role indexed role, address indexed to);
    event RoleTransferred(Role indexed role, address indexed from, address indexed to);

    // ----- for anyone: keeping the vault going. No function here moves value between users.

    /// @notice Books gains, takes the fee, starts their vesting. Every other function that changes something does so first.
    function sync() external;

    /// @notice Stakes idle units that the exit queue does not need with the operators below their targets.
    /// @return units Staked.
    function restake(address token) external returns (uint256 units);

    /// @notice Queues withdrawals in the core, for what the exit queue lacks and from operators over their targets: of
    /// each account at most one a call, and at most one in a quarter of the core's withdrawal delay.
    /// @return queued How many.
    function unstake() external returns (uint256 queued);

    /// @notice Completes withdrawals of an operator's account, whoever queued them: their tokens become idle.
    function complete(address operator, bytes32[] calldata roots) external;

    /// @notice Makes exits claimable, oldest first, as far as idle units of every LST go and the oldest is older
    /// than the core's withdrawal delay. Pays at most the value at request, at most the value now.
    /// @param maxRequests Most requests to look at.
    /// @return shares Burned.
    function fulfil(uint256 maxRequests) external returns (uint256 shares);

    /// @notice Claims rewards of an operator's account. LSTs vest as gains; other tokens are for sale.
    function claimRewards(address operator, IRewardsCoordinator.RewardsMerkleClaim calldata claim) external;

    /// @notice Sells `amount` of a reward token for an LST, at its feed's price less the discount set.
    /// @param most Most of the LST that the buyer pays; it has given the vault an allowance.
    /// @return cost Amount of the LST paid, rounded up.
    function buyReward(address reward, uint256 amount, address token, uint256 most)
        external
        returns (uint256 cost);

    /// @notice Claims all that is claimable at all entries for `controller`. Never paused.
    /// @return amounts Of each LST, in the order of `lsts()`.
    function claimAll(address controller, address receiver) external returns (uint256[] memory amounts);

    /// @notice Drops an operator that was removed and whose account is empty.
    function retire(address operator) external;

    // ----- for entries

    /// @param shares 0 for a deposit of `assets`; else exactly these are minted and the assets computed.
    /// @return taken Amount taken from `payer`.
    /// @return minted Shares.
    function depositFor(address payer, address receiver, uint256 assets, uint256 shares)
        external
        returns (uint256 taken, uint256 minted);
    function requestExit(address caller, uint256 shares, address controller, address owner) external;
    /// @param shares 0 for a claim of `assets`, and the other way round.
    /// @return paid Amount of the LST.
    /// @return spent Shares of the claim.
    function claim(address caller, address controller, address receiver, uint256 assets, uint256 shares)
        external
        returns (uint256 paid, uint256 spent);
    function setOperator(address controller, address operator, bool approved) external;

    // ----- for roles

    /// @notice Lets deposits in, forever. Before, the owner may call what later needs a proposal. Only the owner.
    function open() external;

    /// @notice Stops deposits, restaking and sales of rewards; exits and claims go on. Pauser or owner.
    function pause() external;
    /// @notice Only the owner.
    function unpause() external;

    /// @notice Pauser or owner, at once; raising is a proposal.
    function lowerCap(address token, uint128 cap) external;

    /// @notice Ends the delegation to an operator at once: its target is 0, its stake comes back into the vault. Whoever
    /// is left keeps its target. Curator or owner.
    function removeOperator(address operator) external;

    /// @notice Announces a call of one of the functions under "by proposal".
    function propose(bytes calldata data) external returns (bytes32 id);
    /// @notice Makes the call, by a holder of the role that may propose it, from `readyBlock(id)` on and for as many
    /// blocks as the time lock has.
    function execute(bytes calldata data) external;
    /// @notice Owner, or the role that may propose it.
    function cancel(bytes calldata data) external;

    /// @notice Offers a role. Its holder or the owner.
    function transferRole(Role role, address to) external;
    /// @notice Takes a role that was offered to the caller.
    function acceptRole(Role role) external;

    // ----- by proposal (of the curator: the first two; of the owner: the others)

    /// @notice Adds an operator with target 0 and delegates an account of its own to it.
    /// @param approval Signature of the operator's approver, with `salt`; empty if it has none.
    function addOperator(
        address operator,
        IDelegationManager.SignatureWithExpiry calldata approval,
        bytes32 salt
    ) external;
    /// @notice Sets targets of all operators: those not named get 0. At most 10,000 in all; what is missing stays idle.
    function setTargets(address[] calldata operators, uint16[] calldata targetsBps) external;
    /// @notice Adds an LST and creates its entry. `lst.entry` is not read.
    function addLst(Lst calldata lst) external;
    function setMarket(address token, PriceSource calldata market) external;
    function raiseCap(address token, uint128 cap) external;
    /// @notice Sets how a reward token is sold; a zero feed ends it.
    function setRewardSale(address reward, PriceSource calldata price) external;
    /// @param feeBps Of gains, at most 1,000. Paid in shares to `treasury`.
    function setFee(uint16 feeBps, address treasury) external;

    // ----- to read

    /// @notice Wei of ETH that 1e18 shares stand for, rounded down: (P + V) / (S + V).
    function getRate() external view returns (uint256);
    /// @notice P: value that belongs to holders now, in wei of ETH, rounded down.
    function totalValue() external view returns (uint256);
    function totals() external view returns (Totals memory);
    /// @notice Shares that a deposit of this value would mint now, rounded down.
    function sharesForValue(uint256 value) external view returns (uint256 shares);
    /// @notice Value that these shares cost now, in wei of ETH, rounded up.
    function costOfShares(uint256 shares) external view returns (uint256 value);
    /// @notice Value of shares now, in wei of ETH, rounded down.
    function valueOfShares(uint256 shares) external view returns (uint256 value);
    /// @notice Wei of ETH of an LST that can be deposited: 0 when paused, not open, depegged or at the cap.
    function depositRoom(address token) external view returns (uint256 value);
    /// @notice Whether the LST's market feed stops its deposits.
    function depegged(address token) external view returns (bool);

    function token() external view returns (address);
    function lsts() external view returns (Lst[] memory);
    function lstOf(address token) external view returns (Lst memory);
    function holding(address token) external view returns (Holding memory);
    function operators() external view returns (OperatorInfo[] memory);

    /// @notice Requests ever made; those from `queueHead()` to it wait.
    function queueTail() external view returns (uint256);
    function queueHead() external view returns (uint256);
    function exitRequest(uint256 index) external view returns (ExitRequest memory);
    /// @notice Shares of all exits that wait.
    function pendingShares() external view returns (uint256);
    function pendingOf(address entry, address controller) external view returns (uint256 shares);
    function claimableOf(address token, address controller) external view returns (Claimable memory);
    function isOperator(address controller, address operator) external view returns (bool);

    function rewardSale(address reward) external view returns (PriceSource memory);
    function delegation() external view returns (IDelegationManager);
    function rewardsCoordinator() external view returns (IRewardsCoordinator);
    function feeBps() external view returns (uint16);
    function treasury() external view returns (address);
    function isOpen() external view returns (bool);
    function paused() external view returns (bool);
    function roleHolder(Role role) external view returns (address);
    function pendingRoleHolder(Role role) external view returns (address);
    /// @notice Blocks that a proposal waits at least. It waits longer when the core's withdrawal delay has become longer.
    function timelockBlocks() external view returns (uint32);
    /// @notice Block from which a proposal may be executed; 0 if there is none.
    function readyBlock(bytes32 id) external view returns (uint256);
    /// @notice Seconds over which gains vest.
    function vestingSeconds() external view returns (uint32);
}
