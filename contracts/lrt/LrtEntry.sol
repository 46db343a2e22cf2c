// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LstRates} from "../lst/LstRates.sol";
import {ILrtEntry} from "./interfaces/ILrtEntry.sol";
import {Holding} from "./interfaces/ILrtTypes.sol";
import {ILrtVault} from "./interfaces/ILrtVault.sol";
import {ONE} from "./lib/LrtState.sol";
import {LrtTokens} from "./lib/LrtTokens.sol";

/// @title LrtEntry: the door of one LST into the vault, and out of it
/// @dev Keeps nothing: it turns amounts of its LST into the vault's units and values, and speaks the standards.
contract LrtEntry is ILrtEntry {
    using SafeERC20 for IERC20;

    // ERC-165 ids that ERC-7575 and ERC-7540 name.
    bytes4 private constant VAULT_INTERFACE = 0x2f0a18c5;
    bytes4 private constant OPERATOR_INTERFACE = 0xe3bc4e65;
    bytes4 private constant ASYNC_REDEEM_INTERFACE = 0x620ee8e4;
    /// @dev Wei by which the roundings of a mint can make it worth more than the shares asked for.
    uint256 private constant MINT_MARGIN = 16;

    ILrtVault private immutable _hub;
    LstRates.Kind private immutable _kind;
    /// @inheritdoc ILrtEntry
    address public immutable asset;
    /// @inheritdoc ILrtEntry
    address public immutable share;

    modifier onlyVault() {
        _checkVault();
        _;
    }

    constructor(ILrtVault hub_, address asset_, LstRates.Kind kind) {
        _hub = hub_;
        _kind = kind;
        asset = asset_;
        share = hub_.token();
    }

    /// @inheritdoc ILrtEntry
    function deposit(uint256 assets, address receiver) external returns (uint256 shares) {
        (, shares) = _hub.depositFor(msg.sender, receiver, assets, 0);
        emit Deposit(msg.sender, receiver, assets, shares);
    }

    /// @inheritdoc ILrtEntry
    function mint(uint256 shares, address receiver) external returns (uint256 assets) {
        (assets,) = _hub.depositFor(msg.sender, receiver, 0, shares);
        emit Deposit(msg.sender, receiver, assets, shares);
    }

    /// @inheritdoc ILrtEntry
    function requestRedeem(uint256 shares, address controller, address owner)
        external
        returns (uint256 requestId)
    {
        _hub.requestExit(msg.sender, shares, controller, owner);
        emit RedeemRequest(controller, owner, 0, msg.sender, shares);
        return 0;
    }

    /// @inheritdoc ILrtEntry
    function redeem(uint256 shares, address receiver, address controller) external returns (uint256 assets) {
        (assets,) = _hub.claim(msg.sender, controller, receiver, 0, shares);
        emit Withdraw(msg.sender, receiver, controller, assets, shares);
    }

    /// @inheritdoc ILrtEntry
    function withdraw(uint256 assets, address receiver, address controller)
        external
        returns (uint256 shares)
    {
        (, shares) = _hub.claim(msg.sender, controller, receiver, assets, 0);
        emit Withdraw(msg.sender, receiver, controller, assets, shares);
    }

    /// @inheritdoc ILrtEntry
    function setOperator(address operator, bool approved) external returns (bool) {
        _hub.setOperator(msg.sender, operator, approved);
        emit OperatorSet(msg.sender, operator, approved);
        return true;
    }

    /// @inheritdoc ILrtEntry
    function pull(address payer, uint256 assets) external onlyVault {
        IERC20(asset).safeTransferFrom(payer, address(_hub), assets);
    }

    /// @inheritdoc ILrtEntry
    function noteClaim(address sender, address receiver, address controller, uint256 assets, uint256 shares)
        external
        onlyVault
    {
        emit Withdraw(sender, receiver, controller, assets, shares);
    }

    /// @inheritdoc ILrtEntry
    function hub() external view returns (address) {
        return address(_hub);
    }

    /// @inheritdoc ILrtEntry
    function totalAssets() external view returns (uint256) {
        Holding memory has = _hub.holding(asset);
        return LstRates.toAmount(_kind, asset, has.idle + has.staked + has.queued);
    }

    /// @inheritdoc ILrtEntry
    function convertToShares(uint256 assets) public view returns (uint256) {
        uint256 units = LstRates.toUnits(_kind, asset, assets);
        return _hub.sharesForValue(Math.mulDiv(units, _rate(), ONE));
    }

    /// @inheritdoc ILrtEntry
    function convertToAssets(uint256 shares) external view returns (uint256) {
        return _amountOf(_hub.valueOfShares(shares));
    }

    /// @inheritdoc ILrtEntry
    function previewDeposit(uint256 assets) external view returns (uint256) {
        return convertToShares(assets);
    }

    /// @inheritdoc ILrtEntry
    function previewMint(uint256 shares) external view returns (uint256) {
        uint256 units = Math.mulDiv(_hub.costOfShares(shares), ONE, _rate(), Math.Rounding.Ceil);
        return LrtTokens.amountFor(_kind, asset, units);
    }

    /// @inheritdoc ILrtEntry
    function maxDeposit(address) external view returns (uint256) {
        return _amountOf(_hub.depositRoom(asset));
    }

    /// @inheritdoc ILrtEntry
    function maxMint(address) external view returns (uint256) {
        return _hub.sharesForValue(Math.saturatingSub(_hub.depositRoom(asset), MINT_MARGIN));
    }

    /// @inheritdoc ILrtEntry
    function pendingRedeemRequest(uint256 requestId, address controller) external view returns (uint256) {
        return requestId == 0 ? _hub.pendingOf(address(this), controller) : 0;
    }

    /// @inheritdoc ILrtEntry
    function claimableRedeemRequest(uint256 requestId, address controller) external view returns (uint256) {
        return requestId == 0 ? maxRedeem(controller) : 0;
    }

    /// @inheritdoc ILrtEntry
    function maxRedeem(address controller) public view returns (uint256) {
        return _hub.claimableOf(asset, controller).shares;
    }

    /// @inheritdoc ILrtEntry
    function maxWithdraw(address controller) external view returns (uint256) {
        return LstRates.toAmount(_kind, asset, _hub.claimableOf(asset, controller).units);
    }

    /// @inheritdoc ILrtEntry
    function previewRedeem(uint256) external pure returns (uint256) {
        revert LrtEntryAsynchronous();
    }

    /// @inheritdoc ILrtEntry
    function previewWithdraw(uint256) external pure returns (uint256) {
        revert LrtEntryAsynchronous();
    }

    /// @inheritdoc ILrtEntry
    function isOperator(address controller, address operator) external view returns (bool) {
        return _hub.isOperator(controller, operator);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == VAULT_INTERFACE || interfaceId == OPERATOR_INTERFACE
            || interfaceId == ASYNC_REDEEM_INTERFACE || interfaceId == type(IERC165).interfaceId;
    }

    /// @dev Amount of the LST that a value buys by its own rate, rounded down.
    function _amountOf(uint256 value) private view returns (uint256) {
        return LstRates.toAmount(_kind, asset, Math.mulDiv(value, ONE, _rate()));
    }

    function _rate() private view returns (uint256) {
        return LstRates.unitRate(_kind, asset);
    }

    function _checkVault() private view {
        require(msg.sender == address(_hub), LrtEntryOnlyVault(msg.sender));
    }
}
