// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../interfaces/IEvidenceGate.sol";
import { IInferenceHub, Terms } from "../interfaces/IInferenceHub.sol";
import { FAMILY_SIGNED } from "../types/Constants.sol";
import { Evidence } from "../types/Evidence.sol";
import { Statement, StatementField } from "../types/Statement.sol";
import { isTee } from "../types/TeeFamily.sol";

/// @title  StatementMatch
/// @notice Whether a statement speaks of a request of the hub; whether it is true is for the gate to say.
library StatementMatch {
    /// @notice Reverts unless the statement answers this request, in this round.
    /// @dev Model and configuration are compared by the gate (`check`) or below (failures); the gate also refuses a
    /// statement without an executor.
    function requireAnswers(
        Statement calldata statement,
        bytes32 requestId,
        bytes32 inputHash,
        uint256 round
    ) internal pure {
        _requireEqual(StatementField.RequestId, requestId, statement.requestId);
        _requireEqual(StatementField.InputHash, inputHash, statement.inputHash);
        _requireEqual(StatementField.ContextHash, 0, statement.contextHash);
        _requireEqual(StatementField.Round, bytes32(round), bytes32(uint256(statement.round)));
    }

    /// @notice Reverts unless a failure comes from an executor named in the terms, by one signature or one enclave.
    /// @dev A failure ends the request whatever its policy, so only somebody the requester chose may say it.
    function requireFailure(
        Statement calldata statement,
        Terms calldata terms,
        Evidence[] calldata evidence
    ) internal pure {
        _requireEqual(StatementField.ModelId, terms.modelId, statement.modelId);
        _requireEqual(StatementField.ConfigHash, terms.configHash, statement.configHash);
        if (!_isNamed(statement.executor, terms.executors)) {
            revert IInferenceHub.FailureNotByNamedExecutor(statement.executor);
        }
        if (evidence.length != 1 || !_canSayFailure(evidence[0].family)) {
            revert IInferenceHub.FailureEvidenceInvalid();
        }
    }

    function _canSayFailure(uint8 family) private pure returns (bool) {
        return family == FAMILY_SIGNED || isTee(family);
    }

    function _isNamed(address executor, address[] calldata executors) private pure returns (bool) {
        for (uint256 i = 0; i < executors.length; ++i) {
            if (executors[i] == executor) return true;
        }
        return false;
    }

    function _requireEqual(StatementField field, bytes32 expected, bytes32 actual) private pure {
        if (expected != actual) revert IEvidenceGate.StatementMismatch(field, expected, actual);
    }
}
