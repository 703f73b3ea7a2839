// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../interfaces/IEvidenceGate.sol";
import { FAMILY_ZK_GROTH16 } from "../types/Constants.sol";
import { Answer, Evidence } from "../types/Evidence.sol";
import { IoSpecLib } from "../types/IoSpec.sol";
import { Statement, StatementField } from "../types/Statement.sol";

/// @title  AnswerRules
/// @notice Whether an answer is well-formed: its bytes are those of its statement, whatever the evidence says.
library AnswerRules {
    using IoSpecLib for uint256;

    /// @dev How far an executor's newest block may run ahead of this one, seconds.
    uint256 private constant MAX_LEAD_SECONDS = 60;
    uint256 private constant PROOF_BYTES = 256;
    uint256 private constant BOUND_PROOF_BYTES = 288;

    /// @notice Reverts unless somebody answers, not from the future, and the bytes have the statement's hashes.
    function requireSound(Answer calldata answer) internal view {
        Statement calldata statement = answer.statement;
        if (statement.executor == address(0)) revert IEvidenceGate.ExecutorIsZero();
        if (statement.issuedAt > block.timestamp + MAX_LEAD_SECONDS) {
            revert IEvidenceGate.IssuedInFuture(statement.issuedAt, block.timestamp);
        }
        bytes calldata input = answer.input;
        if (input.length != 0) requireEqual(StatementField.InputHash, statement.inputHash, keccak256(input));
        bytes calldata output = answer.output;
        if (statement.resultCode == 0) {
            requireEqual(StatementField.OutputHash, statement.outputHash, keccak256(output));
        } else if (output.length != 0 || statement.outputHash != 0) {
            revert IEvidenceGate.FailureHasOutput();
        }
    }

    /// @notice Reverts unless input (when given) and output have exactly the bytes of `ioSpec`.
    /// @dev A failure is exempt: that the input has a wrong length may be just what it says.
    function requireLengths(Answer calldata answer, uint256 ioSpec) internal pure {
        if (answer.statement.resultCode != 0) return;
        uint256 expected = ioSpec.outputOf().byteLength();
        uint256 actual = answer.output.length;
        if (actual != expected) revert IEvidenceGate.LengthMismatch(StatementField.OutputHash, expected, actual);

        expected = ioSpec.inputOf().byteLength();
        actual = answer.input.length;
        if (actual != 0 && actual != expected) {
            revert IEvidenceGate.LengthMismatch(StatementField.InputHash, expected, actual);
        }
    }

    /// @notice Reverts unless there are items and they strictly ascend by family, so that none can count twice.
    function requireOrder(Evidence[] calldata evidence) internal pure {
        if (evidence.length == 0) revert IEvidenceGate.EvidenceMissing();
        for (uint256 i = 1; i < evidence.length; ++i) {
            if (evidence[i].family <= evidence[i - 1].family) revert IEvidenceGate.EvidenceOrder(i);
        }
    }

    /// @notice Reverts when the answer is older than `maxAgeMinutes`; 0 = any age.
    function requireFresh(uint64 issuedAt, uint256 maxAgeMinutes) internal view {
        if (maxAgeMinutes == 0) return;
        uint256 maxAgeSeconds = maxAgeMinutes * 1 minutes;
        if (block.timestamp > issuedAt + maxAgeSeconds) {
            revert IEvidenceGate.EvidenceTooOld(issuedAt, maxAgeSeconds, block.timestamp);
        }
    }

    /// @notice Takes ZK evidence apart: eight coordinates, and `c` for a bound model.
    function decodeProof(
        bytes calldata data,
        uint256 ioSpec
    ) internal pure returns (uint256[8] calldata proof, uint256 c) {
        bool bound = ioSpec.isBound();
        if (data.length != (bound ? BOUND_PROOF_BYTES : PROOF_BYTES)) {
            revert IEvidenceGate.EvidenceMalformed(FAMILY_ZK_GROTH16);
        }
        if (bound) c = uint256(bytes32(data[PROOF_BYTES:]));
        // The length was just checked: the first 256 bytes are the eight words.
        assembly ("memory-safe") {
            proof := data.offset
        }
    }

    /// @notice Names the field that is not what it must be.
    function requireEqual(StatementField field, bytes32 expected, bytes32 actual) internal pure {
        if (expected != actual) revert IEvidenceGate.StatementMismatch(field, expected, actual);
    }
}
