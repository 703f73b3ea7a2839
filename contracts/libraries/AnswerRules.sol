// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../interfaces/IEvidenceGate.sol";
import { FAMILY_ZK_GROTH16 } from "../types/Constants.sol";
import { Answer, Evidence } from "../types/Evidence.sol";
import { IoSpecLib } from "../types/IoSpec.sol";
import { Statement, StatementField } from "../types/Statement.sol";
import { Bn254 } from "./Bn254.sol";

/// @title  AnswerRules
/// @notice Whether an answer is well-formed: its bytes are those of its statement, whatever the evidence says.
library AnswerRules {
    using IoSpecLib for uint256;

    /// @dev How far an executor's newest block may run ahead of this one, seconds.
    uint256 private constant MAX_LEAD_SECONDS = 60;
    uint256 private constant PROOF_BYTES = 256;
    uint256 private constant BOUND_PROOF_BYTES = 288;
    uint256 private constant SIGNATURE_BYTES = 65;
    /// @dev abi.encode(bytes32, bytes of 65): id, offset, length, and the signature filled up with zeros to three words.
    uint256 private constant ENCLAVE_BYTES = 192;
    uint256 private constant SIGNATURE_OFFSET = 0x40;

    /// @notice Reverts unless somebody answers, and not from the future.
    function requireAnswered(Statement calldata statement) internal view {
        if (statement.executor == address(0)) revert IEvidenceGate.ExecutorIsZero();
        if (statement.issuedAt > block.timestamp + MAX_LEAD_SECONDS) {
            revert IEvidenceGate.IssuedInFuture(statement.issuedAt, block.timestamp);
        }
    }

    /// @notice Reverts unless input (when given) and output have the statement's hashes and exactly the bytes of
    /// `ioSpec`; of a committed side there are no bytes, and its hash is a commitment.
    /// @dev A failure has no output, and its public input may have any length: that may be just what it says.
    /// @param ioSpec Of a version with a key; 0 = any length, nothing committed.
    function requireBytes(Answer calldata answer, uint256 ioSpec) internal pure {
        Statement calldata statement = answer.statement;
        bool failed = statement.resultCode != 0;
        uint256 side = ioSpec.inputOf();
        bytes calldata input = answer.input;
        if (side.isCommitted()) {
            _requireNone(StatementField.InputHash, input.length);
            if (!failed) requireCommitment(StatementField.InputHash, statement.inputHash);
        } else if (input.length != 0) {
            requireEqual(StatementField.InputHash, statement.inputHash, keccak256(input));
            if (!failed) _requireLength(StatementField.InputHash, ioSpec, side, input.length);
        }
        bytes calldata output = answer.output;
        if (failed) {
            if (output.length != 0 || statement.outputHash != 0) revert IEvidenceGate.FailureHasOutput();
            return;
        }
        side = ioSpec.outputOf();
        if (side.isCommitted()) {
            _requireNone(StatementField.OutputHash, output.length);
            requireCommitment(StatementField.OutputHash, statement.outputHash);
            return;
        }
        requireEqual(StatementField.OutputHash, statement.outputHash, keccak256(output));
        _requireLength(StatementField.OutputHash, ioSpec, side, output.length);
    }

    /// @notice Reverts unless the hash of a committed side is a field element: every proof has it as a signal.
    function requireCommitment(StatementField field, bytes32 hash) internal pure {
        if (uint256(hash) >= Bn254.P) revert IEvidenceGate.CommitmentInvalid(field, hash);
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
    function decodeProof(bytes calldata data, bool bound) internal pure returns (uint256[8] calldata proof, uint256 c) {
        if (data.length != (bound ? BOUND_PROOF_BYTES : PROOF_BYTES)) {
            revert IEvidenceGate.EvidenceMalformed(FAMILY_ZK_GROTH16);
        }
        if (bound) c = uint256(bytes32(data[PROOF_BYTES:]));
        // The length was just checked: the first 256 bytes are the eight words.
        assembly ("memory-safe") {
            proof := data.offset
        }
    }

    /// @notice Takes TEE evidence apart: abi.encode(bytes32 enclaveId, bytes signature), in its one form.
    function decodeEnclave(
        uint8 family,
        bytes calldata data
    ) internal pure returns (bytes32 enclaveId, bytes calldata signature) {
        if (data.length != ENCLAVE_BYTES) revert IEvidenceGate.EvidenceMalformed(family);
        uint256 offset;
        uint256 length;
        uint256 rest;
        // The length was just checked: six words, of which the signature takes 65 bytes of the last three.
        assembly ("memory-safe") {
            enclaveId := calldataload(data.offset)
            offset := calldataload(add(data.offset, 0x20))
            length := calldataload(add(data.offset, 0x40))
            signature.offset := add(data.offset, 0x60)
            signature.length := SIGNATURE_BYTES
            rest := shl(8, calldataload(add(data.offset, 0xa0)))
        }
        if (offset != SIGNATURE_OFFSET || length != SIGNATURE_BYTES || rest != 0) {
            revert IEvidenceGate.EvidenceMalformed(family);
        }
    }

    /// @notice Names the field that is not what it must be.
    function requireEqual(StatementField field, bytes32 expected, bytes32 actual) internal pure {
        if (expected != actual) revert IEvidenceGate.StatementMismatch(field, expected, actual);
    }

    /// @dev The bytes of a committed side stay private: whoever brings some has made a mistake.
    function _requireNone(StatementField field, uint256 actual) private pure {
        if (actual != 0) revert IEvidenceGate.LengthMismatch(field, 0, actual);
    }

    function _requireLength(StatementField field, uint256 ioSpec, uint256 side, uint256 actual) private pure {
        if (ioSpec == 0) return;
        uint256 expected = side.byteLength();
        if (actual != expected) revert IEvidenceGate.LengthMismatch(field, expected, actual);
    }
}
