// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import { Standing } from "../interfaces/IAttestationPolicy.sol";
import { IEvidenceGate } from "../interfaces/IEvidenceGate.sol";
import { IExecutorRegistry } from "../interfaces/IExecutorRegistry.sol";
import { IModelRegistry, KeyView, MeasurementName, Semantics, SetupKind } from "../interfaces/IModelRegistry.sol";
import { ITeeRegistry } from "../interfaces/ITeeRegistry.sol";
import { IVerifierRouter } from "../interfaces/IVerifierRouter.sol";
import { AnswerRules } from "../libraries/AnswerRules.sol";
import { RequestIds } from "../libraries/RequestIds.sol";
import { StatementHash } from "../libraries/StatementHash.sol";
import {
    DOMAIN_NAME,
    DOMAIN_VERSION,
    FAMILY_SIGNED,
    FAMILY_TEE_NITRO,
    FAMILY_TEE_TDX,
    FAMILY_ZK_GROTH16,
    PRESENT_DEVELOPMENT,
    PRESENT_SIMULATED
} from "../types/Constants.sol";
import { Answer, Ask, Evidence, Signers } from "../types/Evidence.sol";
import { IoSpecLib } from "../types/IoSpec.sol";
import { PolicyLib } from "../types/Policy.sol";
import { Statement, StatementField } from "../types/Statement.sol";
import { isTee } from "../types/TeeFamily.sol";
import { EvidenceItems } from "./EvidenceItems.sol";

/// @title  EvidenceGate
/// @notice (statement, policy, evidence) -> accepted or revert. Pure truth: no money, no state, no owner.
/// @dev It rebuilds every digest and public signal itself; of what evidence brings, only a proof's `c` is believed.
contract EvidenceGate is EvidenceItems, EIP712 {
    using PolicyLib for uint256;

    constructor(
        IModelRegistry modelRegistry,
        IExecutorRegistry executorRegistry,
        ITeeRegistry teeRegistry,
        IVerifierRouter verifierRouter
    ) EvidenceItems(modelRegistry, executorRegistry, teeRegistry, verifierRouter) EIP712(DOMAIN_NAME, DOMAIN_VERSION) {}

    /// @inheritdoc IEvidenceGate
    function verify(
        Answer calldata answer,
        Signers calldata signers,
        Evidence[] calldata evidence
    ) external view returns (uint16 present) {
        (present, ) = _verify(answer, signers, evidence);
    }

    /// @inheritdoc IEvidenceGate
    function check(
        Answer calldata answer,
        Ask calldata ask,
        Evidence[] calldata evidence
    ) external view returns (uint16 present) {
        return _check(answer, ask, evidence);
    }

    /// @inheritdoc IEvidenceGate
    function checkPull(
        Answer calldata answer,
        Ask calldata ask,
        bytes32 salt,
        Evidence[] calldata evidence
    ) external view returns (uint16 present) {
        Statement calldata statement = answer.statement;
        bytes32 requestId = RequestIds.pullId(address(this), msg.sender, salt);
        AnswerRules.requireEqual(StatementField.RequestId, requestId, statement.requestId);
        AnswerRules.requireEqual(StatementField.ContextHash, 0, statement.contextHash);
        AnswerRules.requireEqual(StatementField.Round, 0, bytes32(uint256(statement.round)));
        if (statement.resultCode != 0) revert ResultIsFailure(statement.resultCode);

        return _check(answer, ask, evidence);
    }

    /// @inheritdoc IEvidenceGate
    function meetable(Ask calldata ask) external view returns (uint16 clauses, bool inputCommitted) {
        _requireUsable(ask.policy);
        (Semantics semantics, , uint256 ioSpec) = models.outline(ask.modelId);

        clauses = ask.policy.meetable(_possible(ask), semantics == Semantics.ExactInt);
        if (clauses == 0) revert PolicyCannotBeMet(ask.policy);
        (inputCommitted, ) = _committedSides(ioSpec);
    }

    /// @inheritdoc IEvidenceGate
    function committedSides(bytes32 modelId) external view returns (bool input, bool output) {
        (, , uint256 ioSpec) = models.outline(modelId);
        return _committedSides(ioSpec);
    }

    /// @inheritdoc IEvidenceGate
    function digestOf(Statement calldata statement) external view returns (bytes32) {
        return _digestOf(statement);
    }

    /// @dev `verify`, and model, configuration, policy, age and flags are what was asked for.
    function _check(
        Answer calldata answer,
        Ask calldata ask,
        Evidence[] calldata evidence
    ) private view returns (uint16 present) {
        Statement calldata statement = answer.statement;
        AnswerRules.requireEqual(StatementField.ModelId, ask.modelId, statement.modelId);
        AnswerRules.requireEqual(StatementField.ConfigHash, ask.configHash, statement.configHash);
        uint256 policy = ask.policy;
        _requireUsable(policy);
        AnswerRules.requireFresh(statement.issuedAt, policy.maxAgeMinutes());

        bool exactInt;
        (present, exactInt) = _verify(answer, ask.signers, evidence);
        if (!policy.isMet(present, exactInt)) revert PolicyNotMet(policy, present);
    }

    /// @dev Every item holds for this statement; one that does not reverts, it is never left out.
    function _verify(
        Answer calldata answer,
        Signers calldata signers,
        Evidence[] calldata evidence
    ) private view returns (uint16 present, bool exactInt) {
        Statement calldata statement = answer.statement;
        AnswerRules.requireAnswered(statement);
        AnswerRules.requireOrder(evidence);
        _requireNamed(statement.executor, signers);
        KeyView memory model = _modelOf(statement.modelId, evidence);
        AnswerRules.requireBytes(answer, model.ioSpec);
        bytes32 digest = _digestOf(statement);

        for (uint256 i; i < evidence.length; ++i) {
            Evidence calldata item = evidence[i];
            uint8 family = item.family;
            if (family == FAMILY_SIGNED) _verifySignature(statement.executor, signers, item.data, digest);
            else if (family == FAMILY_ZK_GROTH16) _verifyProof(model, answer, item.data, digest);
            else if (!isTee(family)) _refuse(family);
            else if (_verifyEnclave(family, model.semantics, statement, item.data, digest))
                present |= PRESENT_SIMULATED;
            present |= uint16(1 << family);
        }
        if (model.setupKind == SetupKind.Dev) present |= PRESENT_DEVELOPMENT;
        exactInt = model.semantics == Semantics.ExactInt;
    }

    /// @dev What the registry knows of the model; its key and setup only when an item needs them.
    /// @return model Without a key, its ioSpec is 0: then the bytes may have any length.
    function _modelOf(bytes32 modelId, Evidence[] calldata evidence) private view returns (KeyView memory model) {
        // Items ascend, and nothing above ZK_GROTH16 can be verified here: a proof comes last.
        if (evidence[evidence.length - 1].family == FAMILY_ZK_GROTH16) {
            model = models.keyOf(modelId);
            if (model.pointer == address(0)) revert ModelHasNoKey(modelId);
        } else {
            (Semantics semantics, bool hasKey, uint256 ioSpec) = models.outline(modelId);
            model.semantics = semantics;
            if (hasKey) model.ioSpec = ioSpec;
        }
    }

    /// @dev A policy in its one form that asks for nothing unbuilt.
    function _requireUsable(uint256 policy) private pure {
        if (!policy.isCanonical()) revert PolicyNotCanonical(policy);
        if (policy.isUnavailable()) revert PolicyUnavailable(policy);
    }

    /// @return families Mask of the families that somebody could bring now for this ask.
    function _possible(Ask calldata ask) private view returns (uint16 families) {
        uint256 policy = ask.policy;
        (bool anybody, bool signer) = _candidates(ask.signers, policy.hasFamily(FAMILY_SIGNED));
        if (!anybody) return 0;
        if (signer && router.isEnabled(FAMILY_SIGNED)) families = uint16(1 << FAMILY_SIGNED);

        bool proofAsked = ask.configHash == 0 && policy.hasFamily(FAMILY_ZK_GROTH16);
        if (proofAsked && models.canProve(ask.modelId) && router.isEnabled(FAMILY_ZK_GROTH16)) {
            families |= uint16(1 << FAMILY_ZK_GROTH16);
        }
        for (uint8 family = FAMILY_TEE_NITRO; family <= FAMILY_TEE_TDX; ++family) {
            if (policy.hasFamily(family) && _isAttestable(ask.modelId, family)) families |= uint16(1 << family);
        }
    }

    /// @dev Whether the model's owner names some code of the family that counts now and that governance did not revoke.
    function _isAttestable(bytes32 modelId, uint8 family) private view returns (bool) {
        if (!router.isEnabled(family)) return false;
        MeasurementName[] memory names = models.measurementsOf(modelId, family);
        for (uint256 i; i < names.length; ++i) {
            if (names[i].countsFrom > block.timestamp) continue;
            if (enclaves.policy().measurement(names[i].measurementId).standing == Standing.Good) return true;
        }
        return false;
    }

    /// @return anybody Whether somebody may answer at all: a named executor that has the stake, or nobody is named.
    /// @return signer  Whether one of them can sign: a named one with a valid key, or whoever has the stake.
    function _candidates(
        Signers calldata signers,
        bool signatureAsked
    ) private view returns (bool anybody, bool signer) {
        address[] calldata named = signers.executors;
        uint96 minStakeWei = signers.minStakeWei;
        if (named.length == 0) return (true, signatureAsked && minStakeWei != 0);
        for (uint256 i; i < named.length; ++i) {
            if (minStakeWei != 0 && executors.stakeOf(named[i]) < minStakeWei) continue;
            anybody = true;
            if (!signatureAsked) break;
            if (executors.canSign(named[i])) return (true, true);
        }
    }

    /// @dev Only versions with a key have committed sides, and no ioSpec has none.
    function _committedSides(uint256 ioSpec) private pure returns (bool input, bool output) {
        input = IoSpecLib.isCommitted(IoSpecLib.inputOf(ioSpec));
        output = IoSpecLib.isCommitted(IoSpecLib.outputOf(ioSpec));
    }

    function _digestOf(Statement calldata statement) private view returns (bytes32) {
        return _hashTypedDataV4(StatementHash.structHash(statement));
    }
}
