// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IInferenceHub } from "../interfaces/IInferenceHub.sol";

/// @title  ExactCall
/// @notice Calls a stranger with exactly the gas that was promised, and survives whatever it does.
/// @dev EIP-150 lets a caller keep 1/64 of its gas and silently cuts a larger gas argument down. Without the check
/// here, whoever sends the transaction could choose a gas limit at which the stranger starves although the delivery
/// succeeds.
library ExactCall {
    /// @dev Gas that must be left beside the stranger's share. Charged by CALL before the 63/64 rule applies: 2,600 for
    /// a cold account and 2,600 for the target of an EIP-7702 delegation. Spent after it: storing the outcome (2,300
    /// must be left by EIP-2200) and its event with 132 bytes of data (about 3,500). Together below 11,000.
    uint256 internal constant MARGIN = 15_000;
    /// @dev Selector and four words: enough for a typed error, too little for a return bomb.
    uint256 internal constant MAX_RETURN_BYTES = 132;

    /// @notice Calls `target` with exactly `gasLimit` gas or reverts; a failure of the target is returned, not raised.
    /// @param gasLimit What the target gets, gas units.
    /// @return ok False when the target has no code, reverts or runs out of gas.
    /// @return returnData The first 132 bytes of what it returned.
    function attempt(
        address target,
        uint256 gasLimit,
        bytes memory data
    ) internal returns (bool ok, bytes memory returnData) {
        if (target.code.length == 0) return (false, "");
        uint256 available = _forwardable(gasleft());
        if (available < gasLimit) revert IInferenceHub.InsufficientCallbackGas(gasLimit, available);

        // Memory-safe: the buffer lies at the free memory pointer, which moves past its length word and 132 bytes,
        // rounded up to words (0xc0 in all). No bytes of the return data are copied by `call`.
        assembly ("memory-safe") {
            ok := call(gasLimit, target, 0, add(data, 0x20), mload(data), 0, 0)
            let size := returndatasize()
            if gt(size, MAX_RETURN_BYTES) {
                size := MAX_RETURN_BYTES
            }
            returnData := mload(0x40)
            mstore(0x40, add(returnData, 0xc0))
            mstore(returnData, size)
            returndatacopy(add(returnData, 0x20), 0, size)
        }
    }

    /// @dev What a call could forward of `gasUnits` after the margin, by the 63/64 rule.
    function _forwardable(uint256 gasUnits) private pure returns (uint256) {
        if (gasUnits <= MARGIN) return 0;
        uint256 rest = gasUnits - MARGIN;
        return rest - rest / 64;
    }
}
