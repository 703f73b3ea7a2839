// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice Delivers for somebody else: with the call in its own calldata, or from storage, where nobody sees it.
contract Relay {
    error CallFailed(bytes reason);

    bytes private _kept;

    /// @notice Keeps a call for `fire`.
    function keep(bytes calldata data) external {
        _kept = data;
    }

    /// @notice Makes the call that was kept.
    function fire(address to) external {
        _call(to, _kept);
    }

    /// @notice Passes a call on.
    function forward(address to, bytes calldata data) external {
        _call(to, data);
    }

    function _call(address to, bytes memory data) private {
        // solhint-disable-next-line avoid-low-level-calls
        (bool succeeded, bytes memory reason) = to.call(data);
        if (!succeeded) revert CallFailed(reason);
    }
}
