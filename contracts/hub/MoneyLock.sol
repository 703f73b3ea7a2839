// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IInferenceHub } from "../interfaces/IInferenceHub.sol";

/// @title  MoneyLock
/// @notice One movement of money across the hub's border at a time.
/// @dev A token or a receiver of money may call back in. It finds the lock held, so that it can neither make one
/// movement look like another nor run somebody's callback at a moment when that callback's `request` would fail.
/// Callbacks themselves run with the lock free: they may open requests.
abstract contract MoneyLock is IInferenceHub {
    bool private transient _moving;

    /// @dev Takes the lock for the length of the call.
    modifier movesMoney() {
        if (_moving) revert MoneyIsMoving();
        _moving = true;
        _;
        _moving = false;
    }

    /// @dev Runs only while nobody holds the lock, and does not take it.
    modifier whileMoneyRests() {
        if (_moving) revert MoneyIsMoving();
        _;
    }
}
