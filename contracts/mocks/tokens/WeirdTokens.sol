// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { TestToken } from "../TestToken.sol";

/// @notice Takes one part in a hundred of every transfer from what the receiver gets.
contract FeeOnTransferToken is TestToken {
    function _update(address from, address to, uint256 value) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : value / 100;
        if (fee != 0) super._update(from, address(0), fee);
        super._update(from, to, value - fee);
    }
}

/// @notice Takes one part in a hundred of every transfer from the sender, on top.
contract FeeOnTopToken is TestToken {
    /// @notice The fee is taken only from this account, so that a test can let money in first.
    address public victim;

    /// @notice Starts taking fees from `account`.
    function setVictim(address account) external {
        victim = account;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from == victim && from != address(0)) super._update(from, address(0), value / 100);
        super._update(from, to, value);
    }
}

/// @notice Gives the receiver more than was sent.
contract GenerousToken is TestToken {
    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to != address(0)) super._update(address(0), to, 1);
    }
}

/// @notice Reports success and moves nothing.
contract PretendingToken is TestToken {
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return true;
    }
}

/// @notice Answers false instead of reverting.
contract FalseToken is TestToken {
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return false;
    }
}

/// @notice Refuses to pay accounts on its list.
contract BlocklistToken is TestToken {
    error Blocked(address account);

    mapping(address account => bool) public blocked;

    /// @notice Puts an account on the list.
    function setBlocked(address account) external {
        blocked[account] = true;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (blocked[to]) revert Blocked(to);
        super._update(from, to, value);
    }
}

/// @notice Calls its sender back before every transfer, as ERC-777 does.
contract HookToken is TestToken {
    address public hooked;
    bytes public hookData;
    bytes public hookError;

    /// @notice Makes the next transfers call `target` with `data`; the error it reverts with is kept.
    function setHook(address target, bytes calldata data) external {
        hooked = target;
        hookData = data;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (hooked != address(0) && from != address(0)) {
            // Any call, and its failure is the finding.
            // solhint-disable-next-line avoid-low-level-calls
            (bool ok, bytes memory returned) = hooked.call(hookData);
            hookError = ok ? bytes("") : returned;
        }
        super._update(from, to, value);
    }
}
