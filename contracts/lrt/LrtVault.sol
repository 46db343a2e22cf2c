// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IDelegationManager} from "../core/interfaces/IDelegationManager.sol";
import {IRewardsCoordinator} from "../core/interfaces/IRewardsCoordinator.sol";
import {LstRates} from "../lst/LstRates.sol";
import {LrtToken} from "./LrtToken.sol";
import {LrtViews} from "./LrtViews.sol";
import {ILrtEntry} from "./interfaces/ILrtEntry.sol";
import {Lst, PriceSource, Role} from "./interfaces/ILrtTypes.sol";
import {ILrtVault} from "./interfaces/ILrtVault.sol";
import {LrtBooks} from "./lib/LrtBooks.sol";
import {LrtDeposits} from "./lib/LrtDeposits.sol";
import {LrtExits} from "./lib/LrtExits.sol";
import {LrtGovernance} from "./lib/LrtGovernance.sol";
import {LrtOperators} from "./lib/LrtOperators.sol";
import {LrtRewards} from "./lib/LrtRewards.sol";
import {LrtStaking} from "./lib/LrtStaking.sol";
import {LstBook, ONE} from "./lib/LrtState.sol";
import {LrtTokens} from "./lib/LrtTokens.sol";

/// @title LrtVault: the books, the exit queue and the stake of the liquid restaking token
/// @dev The functions are in libraries; here is who may call them. Tokens leave by three ways only: to an account of
/// the vault and from there into the core, to whom a controller names for what is reserved for it, and reward tokens
/// to whom pays for them.
contract LrtVault is LrtViews, ReentrancyGuardTransient {
    uint256 private constant MAX_VESTING = 90 days;

    modifier onlyRole(Role role) {
        _checkRole(role);
        _;
    }

    /// @dev For the owner before the vault is open, when there is nobody to be protected yet.
    modifier onlyTimelock() {
        _checkTimelock();
        _;
    }

    /// @param roles Owner, curator and pauser.
    /// @param timelockBlocks_ Blocks that proposals wait; more than the core's withdrawal delay and a quarter.
    /// @param vestingSeconds_ Seconds over which gains vest, from 1 to 90 days.
    constructor(
        string memory name,
        string memory symbol,
        IDelegationManager delegation_,
        IRewardsCoordinator rewards_,
        address[3] memory roles,
        uint32 timelockBlocks_,
        uint32 vestingSeconds_,
        uint16 feeBps_,
        address treasury_
    ) {
        s.token = new LrtToken(name, symbol);
        s.delegation = delegation_;
        s.rewards = rewards_;
        uint256 longest = LrtGovernance.longestExit(s);
        require(timelockBlocks_ > longest, LrtVaultLimit(timelockBlocks_, longest));
        require(
            vestingSeconds_ != 0 && vestingSeconds_ <= MAX_VESTING,
            LrtVaultLimit(vestingSeconds_, MAX_VESTING)
        );
        s.timelockBlocks = timelockBlocks_;
        s.vestingSeconds = vestingSeconds_;
        for (uint8 i = 0; i < roles.length; i++) {
            LrtGovernance.grant(s, Role(i), roles[i]);
        }
        LrtGovernance.setFee(s, feeBps_, treasury_);
    }

    // ----- for anyone

    /// @inheritdoc ILrtVault
    function sync() external nonReentrant {
        LrtBooks.sync(s);
    }

    /// @inheritdoc ILrtVault
    function restake(address token_) external nonReentrant returns (uint256) {
        return LrtStaking.restake(s, token_);
    }

    /// @inheritdoc ILrtVault
    function unstake() external nonReentrant returns (uint256) {
        return LrtStaking.unstake(s);
    }

    /// @inheritdoc ILrtVault
    function complete(address operator, bytes32[] calldata roots) external nonReentrant {
        LrtBooks.sync(s);
        LrtStaking.complete(s, operator, roots);
    }

    /// @inheritdoc ILrtVault
    function fulfil(uint256 maxRequests) external nonReentrant returns (uint256) {
        return LrtExits.fulfil(s, maxRequests);
    }

    /// @inheritdoc ILrtVault
    function claimRewards(address operator, IRewardsCoordinator.RewardsMerkleClaim calldata rewardsClaim)
        external
        nonReentrant
    {
        LrtBooks.sync(s);
        LrtRewards.claim(s, operator, rewardsClaim);
    }

    /// @inheritdoc ILrtVault
    function buyReward(address reward, uint256 amount, address token_, uint256 most)
        external
        nonReentrant
        returns (uint256)
    {
        LrtBooks.sync(s);
        return LrtRewards.buy(s, reward, amount, token_, most);
    }

    /// @inheritdoc ILrtVault
    function claimAll(address controller, address receiver)
        external
        nonReentrant
        returns (uint256[] memory amounts)
    {
        uint256 n = s.lsts.length;
        amounts = new uint256[](n);
        for (uint256 i = 0; i < n; i++) {
            Lst storage lst = s.lsts[i].config;
            uint256 shares = s.claimable[lst.token][controller].shares;
            if (shares == 0) continue;
            (amounts[i],) = _claim(i, msg.sender, controller, receiver, 0, shares);
            ILrtEntry(lst.entry).noteClaim(msg.sender, receiver, controller, amounts[i], shares);
        }
    }

    /// @inheritdoc ILrtVault
    function retire(address operator) external nonReentrant {
        LrtOperators.retire(s, operator);
    }

    // ----- for entries

    /// @inheritdoc ILrtVault
    function depositFor(address payer, address receiver, uint256 assets, uint256 shares)
        external
        nonReentrant
        returns (uint256 taken, uint256 minted)
    {
        return LrtDeposits.deposit(s, LrtDeposits.Order(_entryPlace(), payer, receiver, assets, shares));
    }

    /// @inheritdoc ILrtVault
    function requestExit(address caller, uint256 shares, address controller, address owner)
        external
        nonReentrant
    {
        LrtExits.request(s, _entryPlace(), msg.sender, caller, shares, controller, owner);
    }

    /// @inheritdoc ILrtVault
    function claim(address caller, address controller, address receiver, uint256 assets, uint256 shares)
        external
        nonReentrant
        returns (uint256 paid, uint256 spent)
    {
        return _claim(_entryPlace(), caller, controller, receiver, assets, shares);
    }

    /// @inheritdoc ILrtVault
    function setOperator(address controller, address operator, bool approved) external {
        _entryPlace();
        s.isOperator[controller][operator] = approved;
    }

    // ----- for roles

    /// @inheritdoc ILrtVault
    function open() external onlyRole(Role.OWNER) {
        require(!s.isOpen, LrtVaultAlreadyOpen());
        s.isOpen = true;
        emit Opened();
    }

    /// @inheritdoc ILrtVault
    function pause() external {
        _checkOwnerOr(Role.PAUSER);
        s.paused = true;
        emit PauseSet(true);
    }

    /// @inheritdoc ILrtVault
    function unpause() external onlyRole(Role.OWNER) {
        s.paused = false;
        emit PauseSet(false);
    }

    /// @inheritdoc ILrtVault
    function lowerCap(address token_, uint128 cap) external {
        _checkOwnerOr(Role.PAUSER);
        uint256 old = s.lsts[LrtOperators.lstPlace(s, token_)].config.cap;
        require(cap <= old, LrtVaultLimit(cap, old));
        LrtOperators.setCap(s, token_, cap);
    }

    /// @inheritdoc ILrtVault
    function removeOperator(address operator) external nonReentrant {
        _checkOwnerOr(Role.CURATOR);
        LrtOperators.removeOperator(s, operator);
    }

    /// @inheritdoc ILrtVault
    function propose(bytes calldata data) external returns (bytes32) {
        return LrtGovernance.propose(s, data);
    }

    /// @inheritdoc ILrtVault
    /// @dev Calls this contract itself: what may be proposed is checked by selector.
    function execute(bytes calldata data) external {
        LrtGovernance.take(s, data);
        Address.functionCall(address(this), data);
    }

    /// @inheritdoc ILrtVault
    function cancel(bytes calldata data) external {
        LrtGovernance.cancel(s, data);
    }

    /// @inheritdoc ILrtVault
    function transferRole(Role role, address to) external {
        LrtGovernance.transferRole(s, role, to);
    }

    /// @inheritdoc ILrtVault
    function acceptRole(Role role) external {
        LrtGovernance.acceptRole(s, role);
    }

    // ----- by proposal

    /// @inheritdoc ILrtVault
    function addOperator(
        address operator,
        IDelegationManager.SignatureWithExpiry calldata approval,
        bytes32 salt
    ) external nonReentrant onlyTimelock {
        LrtOperators.addOperator(s, operator, approval, salt);
    }

    /// @inheritdoc ILrtVault
    function setTargets(address[] calldata operators_, uint16[] calldata targetsBps) external onlyTimelock {
        LrtOperators.setTargets(s, operators_, targetsBps);
    }

    /// @inheritdoc ILrtVault
    function addLst(Lst calldata lst) external nonReentrant onlyTimelock {
        LrtOperators.addLst(s, lst);
    }

    /// @inheritdoc ILrtVault
    function setMarket(address token_, PriceSource calldata market) external onlyTimelock {
        LrtOperators.setMarket(s, token_, market);
    }

    /// @inheritdoc ILrtVault
    function raiseCap(address token_, uint128 cap) external onlyTimelock {
        LrtOperators.setCap(s, token_, cap);
    }

    /// @inheritdoc ILrtVault
    function setRewardSale(address reward, PriceSource calldata price) external onlyTimelock {
        LrtOperators.setRewardSale(s, reward, price);
    }

    /// @inheritdoc ILrtVault
    function setFee(uint16 feeBps_, address treasury_) external nonReentrant onlyTimelock {
        // What was gained so far pays the old fee.
        LrtBooks.sync(s);
        LrtGovernance.setFee(s, feeBps_, treasury_);
    }

    // ----- read while nothing moves: inside a call of ours units are between two places

    /// @inheritdoc ILrtVault
    function getRate() external view nonReentrantView returns (uint256) {
        return LrtBooks.toValue(LrtBooks.read(s), ONE, Math.Rounding.Floor);
    }

    /// @inheritdoc ILrtVault
    function totalValue() external view nonReentrantView returns (uint256) {
        return LrtBooks.read(s).value;
    }

    function _claim(
        uint256 place,
        address caller,
        address controller,
        address receiver,
        uint256 assets,
        uint256 shares
    ) private returns (uint256 paid, uint256 spent) {
        require(receiver != address(0), LrtVaultZeroAddress());
        LstBook storage book = s.lsts[place];
        (LstRates.Kind kind, address token_) = (book.config.kind, book.config.token);
        uint256 units = LrtTokens.unitsFor(kind, token_, assets);
        (units, spent) = LrtExits.claim(s, place, caller, controller, units, shares);
        paid = LstRates.toAmount(kind, token_, units);
        LrtTokens.send(kind, token_, receiver, units);
        emit Claimed(token_, controller, receiver, spent, units);
    }

    /// @dev Place of the LST whose entry calls.
    function _entryPlace() private view returns (uint256) {
        uint256 place = s.entryPlace[msg.sender];
        require(place != 0, LrtVaultOnlyEntry(msg.sender));
        return place - 1;
    }

    function _checkRole(Role role) private view {
        require(msg.sender == s.roleHolder[role], LrtVaultOnlyRole(role, msg.sender));
    }

    function _checkOwnerOr(Role role) private view {
        if (msg.sender != s.roleHolder[Role.OWNER]) _checkRole(role);
    }

    function _checkTimelock() private view {
        bool settingUp = !s.isOpen && msg.sender == s.roleHolder[Role.OWNER];
        require(settingUp || msg.sender == address(this), LrtVaultOnlyTimelock(msg.sender));
    }
}
