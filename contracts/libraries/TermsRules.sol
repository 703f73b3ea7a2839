// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IInferenceHub, Terms } from "../interfaces/IInferenceHub.sol";
import { StatementField } from "../types/Statement.sol";
import { AnswerRules } from "./AnswerRules.sol";

/// @title  TermsRules
/// @notice What the hub demands of the terms and the input of a new request, apart from its policy and its fee.
library TermsRules {
    /// @dev Seconds. Bounds how long escrow can wait for its refund.
    uint256 internal constant MAX_AHEAD = 30 days;
    /// @dev Bytes of input and URI together that travel in the event.
    uint256 internal constant MAX_INPUT_BYTES = 4096;
    /// @dev Gas units; verification and callback must fit one transaction of 2^24 gas (EIP-7825).
    uint256 internal constant MAX_CALLBACK_GAS = 2_000_000;
    /// @dev Every later call brings the list again.
    uint256 internal constant MAX_EXECUTORS = 64;

    /// @notice Reverts unless `terms` can be fulfilled and refunded in bounded time and gas.
    function requireValid(Terms calldata terms) internal view {
        uint256 latest = block.timestamp + MAX_AHEAD;
        if (terms.deadline < block.timestamp || terms.deadline > latest) {
            revert IInferenceHub.DeadlineOutOfRange(terms.deadline, block.timestamp, latest);
        }
        if (terms.refundee == address(0)) revert IInferenceHub.RefundeeIsZero();
        if (terms.executors.length > MAX_EXECUTORS) {
            revert IInferenceHub.TooManyExecutors(terms.executors.length, MAX_EXECUTORS);
        }
        bool callsBack = terms.callback != address(0);
        if (callsBack != (terms.callbackGas != 0) || terms.callbackGas > MAX_CALLBACK_GAS) {
            revert IInferenceHub.CallbackInvalid(terms.callback, terms.callbackGas);
        }
    }

    /// @notice Reverts unless the input itself, or a place where it can be found, comes with the request.
    /// @dev What a URI leads to cannot be hashed here: whoever runs the model checks it against terms.inputHash.
    function requireInput(bytes32 inputHash, bytes calldata input, string calldata inputUri) internal pure {
        uint256 size = input.length + bytes(inputUri).length;
        if (size == 0) revert IInferenceHub.InputMissing();
        _requireSmall(size);
        if (input.length == 0) return;
        bytes32 actual = keccak256(input);
        if (actual != inputHash) revert IInferenceHub.InputHashMismatch(inputHash, actual);
    }

    /// @notice Reverts unless the request keeps the bytes of a committed input to itself and has a commitment to them.
    /// @dev A URI may say where those find them who are to have them.
    function requireCommitment(Terms calldata terms, bytes calldata input, string calldata inputUri) internal pure {
        if (input.length != 0) revert IInferenceHub.InputMustStayPrivate(terms.modelId);
        _requireSmall(bytes(inputUri).length);
        AnswerRules.requireCommitment(StatementField.InputHash, terms.inputHash);
    }

    function _requireSmall(uint256 size) private pure {
        if (size > MAX_INPUT_BYTES) revert IInferenceHub.InputTooLarge(size, MAX_INPUT_BYTES);
    }
}
