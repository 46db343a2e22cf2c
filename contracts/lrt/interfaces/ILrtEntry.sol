// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title ILrtEntry: the door of one LST into the vault, and out of it
/// @dev ERC-7575 over one asset with the LRT as share: ERC-4626's deposits on the way in, ERC-7540's requests on the way
/// out. An exit is paid pro rata in all LSTs: a request at any entry becomes, once fulfilled, claimable in parts at all
/// of them. All requests of a controller are one: the request id is 0. Assets are amounts of the LST as `balanceOf`
/// counts them; what is claimable is kept in units (shares of stETH), so an amount of stETH grows and shrinks with it.
interface ILrtEntry is IERC165 {
    /// @notice Thrown when another than the vault calls what only the vault may.
    error LrtEntryOnlyVault(address caller);
    /// @notice ERC-7540: what an exit will pay is not known before it is claimable.
    error LrtEntryAsynchronous();

    event Deposit(address indexed sender, address indexed owner, uint256 assets, uint256 shares);
    event Withdraw(
        address indexed sender,
        address indexed receiver,
        address indexed owner,
        uint256 assets,
        uint256 shares
    );
    event RedeemRequest(
        address indexed controller,
        address indexed owner,
        uint256 indexed requestId,
        address sender,
        uint256 shares
    );
    event OperatorSet(address indexed controller, address indexed operator, bool approved);

    /// @notice The LST.
    function asset() external view returns (address);
    /// @notice The LRT.
    function share() external view returns (address);
    /// @notice The vault that keeps the books.
    function hub() external view returns (address);

    // ----- in: ERC-4626

    /// @notice Deposits an amount of the LST, for which the caller has given this entry an allowance.
    /// @return shares Worth what arrived, by the LST's own rate, rounded down. Reverts if that is 0.
    function deposit(uint256 assets, address receiver) external returns (uint256 shares);

    /// @notice Mints exactly `shares` for the LST they cost, rounded up.
    function mint(uint256 shares, address receiver) external returns (uint256 assets);

    function totalAssets() external view returns (uint256 assets);
    function convertToShares(uint256 assets) external view returns (uint256 shares);
    function convertToAssets(uint256 shares) external view returns (uint256 assets);
    function previewDeposit(uint256 assets) external view returns (uint256 shares);
    function previewMint(uint256 shares) external view returns (uint256 assets);

    /// @notice What the cap leaves; 0 while deposits of this LST are stopped.
    function maxDeposit(address receiver) external view returns (uint256 assets);
    function maxMint(address receiver) external view returns (uint256 shares);

    // ----- out: ERC-7540

    /// @notice Gives shares of `owner` up for what they will be worth: at most what they are worth now. The caller is
    /// the owner, an operator of the owner, or has an allowance of the LRT from it.
    /// @param controller Who may claim.
    /// @return requestId Always 0.
    function requestRedeem(uint256 shares, address controller, address owner)
        external
        returns (uint256 requestId);

    /// @notice Shares requested at this entry that are not claimable yet.
    function pendingRedeemRequest(uint256 requestId, address controller)
        external
        view
        returns (uint256 shares);

    /// @notice The part of the controller's shares, whichever entry they were requested at, that is claimable here.
    function claimableRedeemRequest(uint256 requestId, address controller)
        external
        view
        returns (uint256 shares);

    /// @notice Claims. The caller is the controller or an operator of it. Never paused.
    /// @return assets Rounded down; all of the units for all of the shares.
    function redeem(uint256 shares, address receiver, address controller) external returns (uint256 assets);

    /// @notice Claims an exact amount; the shares are rounded up.
    function withdraw(uint256 assets, address receiver, address controller) external returns (uint256 shares);

    function maxRedeem(address controller) external view returns (uint256 shares);
    function maxWithdraw(address controller) external view returns (uint256 assets);
    /// @notice Reverts, as ERC-7540 demands.
    function previewRedeem(uint256 shares) external view returns (uint256);
    /// @notice Reverts, as ERC-7540 demands.
    function previewWithdraw(uint256 assets) external view returns (uint256);

    /// @notice Lets `operator` request and claim for the caller, at every entry of the vault alike.
    function setOperator(address operator, bool approved) external returns (bool);
    function isOperator(address controller, address operator) external view returns (bool);

    // ----- for the vault

    /// @notice Moves an amount of the LST from `payer` to the vault. Only the vault, for a deposit that it was asked for
    /// by this entry.
    function pull(address payer, uint256 assets) external;

    /// @notice Emits `Withdraw` for a claim made at the vault for all entries at once. Only the vault.
    function noteClaim(address sender, address receiver, address controller, uint256 assets, uint256 shares)
        external;
}
