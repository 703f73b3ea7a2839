// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { IInferenceHub } from "../interfaces/IInferenceHub.sol";
import { MoneyLock } from "./MoneyLock.sol";

/// @title  Credits
/// @notice The money of the hub: what comes in is measured, what is owed is credited, and only its owner takes it out.
/// @dev Nothing is ever pushed to anybody while a request changes state, so nobody can block it by refusing money.
abstract contract Credits is MoneyLock {
    using SafeERC20 for IERC20;

    /// @inheritdoc IInferenceHub
    address public immutable override token;

    mapping(address account => mapping(address asset => uint256 amount)) private _credits;

    /// @param acceptedToken The ERC-20 that fees may be paid in; 0 = only the native token. It must neither rebase nor
    /// take a fee: a fee on the way in is refused, and so is one on top of the way out.
    constructor(address acceptedToken) {
        token = acceptedToken;
    }

    /// @inheritdoc IInferenceHub
    function withdraw(address asset, address to) external override movesMoney {
        uint256 amount = _credits[msg.sender][asset];
        if (amount == 0) revert NothingToWithdraw(msg.sender, asset);
        if (to == address(0) || to == address(this)) revert TransferFailed(to, amount);

        _credits[msg.sender][asset] = 0;
        emit Withdrawn(msg.sender, asset, to, amount);

        if (asset == address(0)) _sendNative(to, amount);
        else _sendToken(IERC20(asset), to, amount);
    }

    /// @inheritdoc IInferenceHub
    function creditOf(address account, address asset) external view override returns (uint256) {
        return _credits[account][asset];
    }

    /// @dev Takes the fee of a new request from msg.sender, exactly, or reverts.
    function _collect(address asset, uint256 feeWei) internal {
        if (asset == address(0)) {
            if (msg.value != feeWei) revert FeeMismatch(feeWei, msg.value);
            return;
        }
        if (asset != token) revert TokenNotAccepted(asset);
        if (msg.value != 0) revert FeeMismatch(0, msg.value);

        uint256 before = IERC20(asset).balanceOf(address(this));
        IERC20(asset).safeTransferFrom(msg.sender, address(this), feeWei);
        uint256 current = IERC20(asset).balanceOf(address(this));
        uint256 received = current > before ? current - before : 0;
        if (received != feeWei) revert FeeNotReceived(feeWei, received);
    }

    /// @dev Owes `amount` more to `account`.
    function _credit(address account, address asset, uint256 amount) internal {
        if (amount != 0) _credits[account][asset] += amount;
    }

    function _sendNative(address to, uint256 amount) private {
        (bool sent, ) = to.call{ value: amount }("");
        if (!sent) revert TransferFailed(to, amount);
    }

    /// @dev A token that takes more than `amount` from the hub would take it from other accounts.
    function _sendToken(IERC20 asset, address to, uint256 amount) private {
        uint256 before = asset.balanceOf(address(this));
        asset.safeTransfer(to, amount);
        if (asset.balanceOf(address(this)) + amount < before) revert TransferFailed(to, amount);
    }
}
