// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import { IEvidenceGate } from "../interfaces/IEvidenceGate.sol";
import { IExecutorRegistry } from "../interfaces/IExecutorRegistry.sol";
import { IGroth16Verifier } from "../interfaces/IGroth16Verifier.sol";
import { IModelRegistry, KeyView, Semantics, SetupKind } from "../interfaces/IModelRegistry.sol";
import { ISignedVerifier } from "../interfaces/ISignedVerifier.sol";
import { IVerifierRouter } from "../interfaces/IVerifierRouter.sol";
import { AnswerRules } from "../libraries/AnswerRules.sol";
import { RequestIds } from "../libraries/RequestIds.sol";
import { Signals } from "../libraries/Signals.sol";
import {
    DOMAIN_NAME,
    DOMAIN_VERSION,
    FAMILY_OPTIMISTIC,
    FAMILY_QUORUM,
    FAMILY_REEXEC,
    FAMILY_SIGNED,
    FAMILY_ZK_GROTH16,
    PRESENT_DEVELOPMENT
} from "../types/Constants.sol";
import { Answer, Ask, Evidence, Signers } from "../types/Evidence.sol";
import { PolicyLib } from "../types/Policy.sol";
import { bindOf, Statement, StatementField } from "../types/Statement.sol";

/// @title  EvidenceGate
/// @notice (statement, policy, evidence) -> accepted or revert. Pure truth: no money, no state, no owner.
/// @dev It rebuilds every digest and public signal itself; of what evidence brings, only a proof's `c` is believed.
contract EvidenceGate is IEvidenceGate, EIP712 {
    using PolicyLib for uint256;

    /// @inheritdoc IEvidenceGate
    IModelRegistry public immutable override models;
    /// @inheritdoc IEvidenceGate
    IExecutorRegistry public immutable override executors;
    /// @inheritdoc IEvidenceGate
    IVerifierRouter public immutable override router;

    constructor(
        IModelRegistry modelRegistry,
        IExecutorRegistry executorRegistry,
        IVerifierRouter verifierRouter
    ) EIP712(DOMAIN_NAME, DOMAIN_VERSION) {
        models = modelRegistry;
        executors = executorRegistry;
        router = verifierRouter;
    }

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
    function meetable(Ask calldata ask) external view returns (uint16 clauses) {
        _requireUsable(ask.policy);
        (Semantics semantics, , ) = models.outline(ask.modelId);

        clauses = ask.policy.meetable(_possible(ask), semantics == Semantics.ExactInt);
        if (clauses == 0) revert PolicyCannotBeMet(ask.policy);
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
        AnswerRules.requireEqual(StatementField.ModelId, ask.modelId, answer.statement.modelId);
        AnswerRules.requireEqual(StatementField.ConfigHash, ask.configHash, answer.statement.configHash);
        _requireUsable(ask.policy);
        AnswerRules.requireFresh(answer.statement.issuedAt, ask.policy.maxAgeMinutes());

        bool exactInt;
        (present, exactInt) = _verify(answer, ask.signers, evidence);
        if (!ask.policy.isMet(present, exactInt)) revert PolicyNotMet(ask.policy, present);
    }

    /// @dev Every item holds for this statement; one that does not reverts, it is never left out.
    function _verify(
        Answer calldata answer,
        Signers calldata signers,
        Evidence[] calldata evidence
    ) private view returns (uint16 present, bool exactInt) {
        AnswerRules.requireSound(answer);
        _requireNamed(answer.statement.executor, signers);
        if (evidence.length == 0) revert EvidenceMissing();
        (Semantics semantics, bool hasKey, uint256 ioSpec) = models.outline(answer.statement.modelId);
        if (hasKey) AnswerRules.requireLengths(answer, ioSpec);

        bytes32 digest = _digestOf(answer.statement);
        uint256 previous;
        for (uint256 i; i < evidence.length; ++i) {
            uint8 family = evidence[i].family;
            if (i != 0 && family <= previous) revert EvidenceOrder(i);
            previous = family;
            present |= _verifyItem(answer, signers, evidence[i], digest);
        }
        exactInt = semantics == Semantics.ExactInt;
    }

    /// @return present What the item adds: its family, and bit 14 if the key comes from a development setup.
    function _verifyItem(
        Answer calldata answer,
        Signers calldata signers,
        Evidence calldata item,
        bytes32 digest
    ) private view returns (uint16 present) {
        if (item.family == FAMILY_SIGNED)
            return _verifySignature(answer.statement.executor, signers, item.data, digest);
        if (item.family == FAMILY_ZK_GROTH16) return _verifyProof(answer, item.data, digest);
        if (item.family > FAMILY_REEXEC || item.family == FAMILY_OPTIMISTIC || item.family == FAMILY_QUORUM) {
            revert FamilyNotAnItem(item.family);
        }
        revert IVerifierRouter.FamilyDisabled(item.family);
    }

    /// @dev SIGNED: the executor's current key over the digest. A signature of somebody nobody chose says nothing.
    function _verifySignature(
        address executor,
        Signers calldata signers,
        bytes calldata signature,
        bytes32 digest
    ) private view returns (uint16) {
        if (signers.executors.length == 0 && signers.minStakeWei == 0) revert SignersUnspecified();
        address key = executors.currentKey(executor);
        (address verifier, uint32 gasCap) = router.current(FAMILY_SIGNED);

        bytes4 magic = ISignedVerifier(verifier).verify{ gas: gasCap }(digest, key, signature);
        if (magic != ISignedVerifier.verify.selector) revert VerifierAnswerInvalid(FAMILY_SIGNED, magic);
        return uint16(1 << FAMILY_SIGNED);
    }

    /// @dev ZK_GROTH16: the model's key over signals rebuilt from input, output and digest.
    function _verifyProof(
        Answer calldata answer,
        bytes calldata data,
        bytes32 digest
    ) private view returns (uint16 present) {
        Statement calldata statement = answer.statement;
        if (statement.resultCode != 0 || statement.configHash != 0) {
            revert ZkNotApplicable(statement.resultCode, statement.configHash);
        }
        KeyView memory key = models.keyOf(statement.modelId);
        if (key.pointer == address(0)) revert ModelHasNoKey(statement.modelId);
        if (answer.input.length == 0) revert InputMissing();

        _requireProven(key, answer, bindOf(digest), data);
        present = uint16(1 << FAMILY_ZK_GROTH16);
        if (key.setupKind == SetupKind.Dev) present |= PRESENT_DEVELOPMENT;
    }

    /// @dev Asks the current verifier, in its typed form and within its gas cap.
    function _requireProven(
        KeyView memory key,
        Answer calldata answer,
        uint256 bind,
        bytes calldata data
    ) private view {
        (uint256[8] calldata proof, uint256 c) = AnswerRules.decodeProof(data, key.ioSpec);
        Signals.Parts memory parts = Signals.Parts(key.ioSpec, key.vkHash, bind, c);
        uint256[] memory signals = Signals.rebuild(parts, answer.input, answer.output);
        (address verifier, uint32 gasCap) = router.current(FAMILY_ZK_GROTH16);

        bytes4 magic = IGroth16Verifier(verifier).verify{ gas: gasCap }(key.pointer, signals, proof);
        if (magic != IGroth16Verifier.verify.selector) revert VerifierAnswerInvalid(FAMILY_ZK_GROTH16, magic);
    }

    /// @dev Both conditions hold whatever the families: a list must contain the executor, a stake must be reached.
    function _requireNamed(address executor, Signers calldata signers) private view {
        uint256 count = signers.executors.length;
        bool named = count == 0;
        for (uint256 i; i < count && !named; ++i) named = signers.executors[i] == executor;
        if (!named) revert ExecutorNotNamed(executor);

        if (signers.minStakeWei == 0) return;
        uint256 stakeWei = executors.stakeOf(executor);
        if (stakeWei < signers.minStakeWei) revert StakeTooLow(executor, stakeWei, signers.minStakeWei);
    }

    /// @dev A policy in its one form that asks for nothing unbuilt.
    function _requireUsable(uint256 policy) private pure {
        if (!policy.isCanonical()) revert PolicyNotCanonical(policy);
        if (policy.isUnavailable()) revert PolicyUnavailable(policy);
    }

    /// @return families Mask of the families that somebody could bring now for this ask.
    function _possible(Ask calldata ask) private view returns (uint16 families) {
        (bool anybody, bool signer) = _candidates(ask.signers, ask.policy.hasFamily(FAMILY_SIGNED));
        if (!anybody) return 0;
        if (signer && router.isEnabled(FAMILY_SIGNED)) families = uint16(1 << FAMILY_SIGNED);

        bool proofAsked = ask.policy.hasFamily(FAMILY_ZK_GROTH16) && ask.configHash == 0;
        if (proofAsked && models.canProve(ask.modelId) && router.isEnabled(FAMILY_ZK_GROTH16)) {
            families |= uint16(1 << FAMILY_ZK_GROTH16);
        }
    }

    /// @return anybody Whether somebody may answer at all: a named executor that has the stake, or nobody is named.
    /// @return signer  Whether one of them can sign: a named one with a valid key, or whoever has the stake.
    function _candidates(
        Signers calldata signers,
        bool signatureAsked
    ) private view returns (bool anybody, bool signer) {
        uint256 count = signers.executors.length;
        if (count == 0) return (true, signatureAsked && signers.minStakeWei != 0);
        for (uint256 i; i < count; ++i) {
            address executor = signers.executors[i];
            if (signers.minStakeWei != 0 && executors.stakeOf(executor) < signers.minStakeWei) continue;
            anybody = true;
            if (!signatureAsked) break;
            if (executors.canSign(executor)) return (true, true);
        }
    }

    function _digestOf(Statement memory statement) private view returns (bytes32) {
        return _hashTypedDataV4(statement.structHash());
    }
}
