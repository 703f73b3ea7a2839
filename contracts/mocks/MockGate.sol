// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { IEvidenceGate } from "../interfaces/IEvidenceGate.sol";
import { IExecutorRegistry } from "../interfaces/IExecutorRegistry.sol";
import { IModelRegistry } from "../interfaces/IModelRegistry.sol";
import { ITeeRegistry } from "../interfaces/ITeeRegistry.sol";
import { IVerifierRouter } from "../interfaces/IVerifierRouter.sol";
import { RequestIds } from "../libraries/RequestIds.sol";
import { DOMAIN_NAME, DOMAIN_VERSION } from "../types/Constants.sol";
import { Answer, Ask, Evidence, Signers } from "../types/Evidence.sol";
import { PolicyLib } from "../types/Policy.sol";
import { Statement, StatementField } from "../types/Statement.sol";

/// @title  MockGate
/// @notice A gate without cryptography: an item convinces when its bytes are the digest of the statement.
/// @dev For tests of contracts that use a gate. It keeps every other promise of IEvidenceGate that they rely on:
/// statement against ask, order, named executors, policy, the form of failures, pull ids.
contract MockGate is IEvidenceGate, EIP712 {
    using PolicyLib for uint256;

    /// @notice Which sides of every model's inferences are committed.
    bool public inputCommitted;
    bool public outputCommitted;
    /// @notice Bits added to every mask: 14 development, 15 simulated.
    uint16 public extraPresent;

    /// @inheritdoc IEvidenceGate
    IModelRegistry public immutable override models;
    /// @inheritdoc IEvidenceGate
    IExecutorRegistry public immutable override executors;
    /// @inheritdoc IEvidenceGate
    ITeeRegistry public immutable override enclaves;
    /// @inheritdoc IEvidenceGate
    IVerifierRouter public immutable override router;

    constructor() EIP712(DOMAIN_NAME, DOMAIN_VERSION) {}

    /// @notice Makes all later evidence look simulated or made with a development setup.
    function setExtraPresent(uint16 bits) external {
        extraPresent = bits;
    }

    /// @notice From now on every model has these sides committed.
    function setCommitted(bool input, bool output) external {
        (inputCommitted, outputCommitted) = (input, output);
    }

    /// @inheritdoc IEvidenceGate
    function check(
        Answer calldata answer,
        Ask calldata ask,
        Evidence[] calldata evidence
    ) external view override returns (uint16 present) {
        return _check(answer, ask, evidence);
    }

    /// @inheritdoc IEvidenceGate
    function checkPull(
        Answer calldata answer,
        Ask calldata ask,
        bytes32 salt,
        Evidence[] calldata evidence
    ) external view override returns (uint16 present) {
        Statement calldata s = answer.statement;
        _requireEqual(StatementField.RequestId, RequestIds.pullId(address(this), msg.sender, salt), s.requestId);
        _requireEqual(StatementField.ContextHash, 0, s.contextHash);
        _requireEqual(StatementField.Round, 0, bytes32(uint256(s.round)));
        if (s.resultCode != 0) revert ResultIsFailure(s.resultCode);
        return _check(answer, ask, evidence);
    }

    /// @inheritdoc IEvidenceGate
    function meetable(Ask calldata ask) external view override returns (uint16 clauses, bool isInputCommitted) {
        if (!ask.policy.isCanonical()) revert PolicyNotCanonical(ask.policy);
        if (ask.policy.isUnavailable()) revert PolicyUnavailable(ask.policy);
        for (uint256 i = 0; i < 12; ++i) {
            if (ask.policy.clause(i) != 0) clauses |= uint16(1 << i);
        }
        isInputCommitted = inputCommitted;
    }

    /// @inheritdoc IEvidenceGate
    function committedSides(bytes32) external view override returns (bool input, bool output) {
        return (inputCommitted, outputCommitted);
    }

    /// @inheritdoc IEvidenceGate
    function verify(
        Answer calldata answer,
        Signers calldata signers,
        Evidence[] calldata evidence
    ) public view override returns (uint16 present) {
        Statement calldata s = answer.statement;
        if (s.executor == address(0)) revert ExecutorIsZero();
        if (evidence.length == 0) revert EvidenceMissing();
        if (!_isNamed(s.executor, signers.executors)) revert ExecutorNotNamed(s.executor);
        if (s.resultCode == 0) _requireOutput(answer);
        else if (answer.output.length != 0 || s.outputHash != 0) revert FailureHasOutput();

        bytes32 digest = digestOf(s);
        for (uint256 i = 0; i < evidence.length; ++i) {
            uint16 bit = uint16(1 << evidence[i].family);
            if (bit <= present) revert EvidenceOrder(i);
            if (keccak256(evidence[i].data) != keccak256(abi.encode(digest))) {
                revert EvidenceMalformed(evidence[i].family);
            }
            present |= bit;
        }
        present |= extraPresent;
    }

    /// @inheritdoc IEvidenceGate
    function digestOf(Statement calldata statement) public view override returns (bytes32) {
        return _hashTypedDataV4(statement.structHash());
    }

    function _check(
        Answer calldata answer,
        Ask calldata ask,
        Evidence[] calldata evidence
    ) private view returns (uint16 present) {
        _requireEqual(StatementField.ModelId, ask.modelId, answer.statement.modelId);
        _requireEqual(StatementField.ConfigHash, ask.configHash, answer.statement.configHash);
        present = verify(answer, ask.signers, evidence);
        if (!ask.policy.satisfied(present)) revert PolicyNotMet(ask.policy, present);
    }

    function _requireOutput(Answer calldata answer) private view {
        if (!outputCommitted) {
            _requireEqual(StatementField.OutputHash, keccak256(answer.output), answer.statement.outputHash);
        } else if (answer.output.length != 0) {
            revert LengthMismatch(StatementField.OutputHash, 0, answer.output.length);
        }
    }

    function _isNamed(address executor, address[] calldata named) private pure returns (bool) {
        if (named.length == 0) return true;
        for (uint256 i = 0; i < named.length; ++i) {
            if (named[i] == executor) return true;
        }
        return false;
    }

    function _requireEqual(StatementField field, bytes32 expected, bytes32 actual) private pure {
        if (expected != actual) revert StatementMismatch(field, expected, actual);
    }
}
