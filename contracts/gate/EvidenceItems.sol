// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEvidenceGate } from "../interfaces/IEvidenceGate.sol";
import { IExecutorRegistry } from "../interfaces/IExecutorRegistry.sol";
import { IGroth16Verifier } from "../interfaces/IGroth16Verifier.sol";
import { IModelRegistry, KeyView, Semantics } from "../interfaces/IModelRegistry.sol";
import { ISignedVerifier } from "../interfaces/ISignedVerifier.sol";
import { ITeeRegistry } from "../interfaces/ITeeRegistry.sol";
import { IVerifierRouter } from "../interfaces/IVerifierRouter.sol";
import { AnswerRules } from "../libraries/AnswerRules.sol";
import { CodeStore } from "../libraries/CodeStore.sol";
import { Signals } from "../libraries/Signals.sol";
import { Signatures } from "../libraries/Signatures.sol";
import {
    CLAIM_COMPUTE,
    CLAIM_GATEWAY,
    FAMILY_OPTIMISTIC,
    FAMILY_QUORUM,
    FAMILY_REEXEC,
    FAMILY_SIGNED,
    FAMILY_ZK_GROTH16
} from "../types/Constants.sol";
import { Answer, Signers } from "../types/Evidence.sol";
import { IoSpecLib } from "../types/IoSpec.sol";
import { bindOf, Statement } from "../types/Statement.sol";

/// @title  EvidenceItems
/// @notice How one item of evidence is verified: what it must be about, whose key, which verifier.
abstract contract EvidenceItems is IEvidenceGate {
    using IoSpecLib for uint256;

    /// @inheritdoc IEvidenceGate
    IModelRegistry public immutable override models;
    /// @inheritdoc IEvidenceGate
    IExecutorRegistry public immutable override executors;
    /// @inheritdoc IEvidenceGate
    ITeeRegistry public immutable override enclaves;
    /// @inheritdoc IEvidenceGate
    IVerifierRouter public immutable override router;

    constructor(
        IModelRegistry modelRegistry,
        IExecutorRegistry executorRegistry,
        ITeeRegistry teeRegistry,
        IVerifierRouter verifierRouter
    ) {
        models = modelRegistry;
        executors = executorRegistry;
        enclaves = teeRegistry;
        router = verifierRouter;
    }

    /// @dev SIGNED: the executor's current key over the digest. A signature of somebody nobody chose says nothing.
    function _verifySignature(
        address executor,
        Signers calldata signers,
        bytes calldata signature,
        bytes32 digest
    ) internal view {
        if (signers.executors.length == 0 && signers.minStakeWei == 0) revert SignersUnspecified();
        address key = executors.currentKey(executor);
        (address verifier, uint32 gasCap) = router.current(FAMILY_SIGNED);

        bytes4 magic = ISignedVerifier(verifier).verify{ gas: gasCap }(digest, key, signature);
        if (magic != ISignedVerifier.verify.selector) revert VerifierAnswerInvalid(FAMILY_SIGNED, magic);
    }

    /// @dev TEE_*: the key of an enclave that the executor operates, over the digest.
    /// @return simulated Whether the enclave was attested under a development root.
    function _verifyEnclave(
        uint8 family,
        Semantics semantics,
        Statement calldata statement,
        bytes calldata data,
        bytes32 digest
    ) internal view returns (bool simulated) {
        (bytes32 enclaveId, bytes calldata signature) = AnswerRules.decodeEnclave(family, data);
        address signer;
        (signer, simulated) = _enclaveFor(enclaveId, family, semantics, statement);

        Signatures.requireSigned(digest, signer, signature);
    }

    /// @dev The code inside must be one that the model's owner names, and have done what the model is: run it, or asked
    /// its API.
    function _enclaveFor(
        bytes32 enclaveId,
        uint8 family,
        Semantics semantics,
        Statement calldata statement
    ) private view returns (address, bool) {
        (address signer, bytes32 measurementId, uint8 claimClass, bool simulated) = enclaves.keyOf(
            enclaveId,
            family,
            statement.executor
        );
        uint8 expected = semantics == Semantics.Remote ? CLAIM_GATEWAY : CLAIM_COMPUTE;
        if (claimClass != expected) revert ClaimClassMismatch(enclaveId, expected, claimClass);
        if (!models.mayAttest(statement.modelId, family, measurementId)) {
            revert MeasurementNotAllowed(statement.modelId, family, measurementId);
        }
        return (signer, simulated);
    }

    /// @dev ZK_GROTH16: the model's key over signals rebuilt from input, output and digest. The circuit knows neither
    /// failures nor configurations, so its proof cannot stand for them.
    function _verifyProof(
        KeyView memory model,
        Answer calldata answer,
        bytes calldata data,
        bytes32 digest
    ) internal view {
        Statement calldata statement = answer.statement;
        if (statement.resultCode != 0 || statement.configHash != 0) {
            revert ZkNotApplicable(statement.resultCode, statement.configHash);
        }
        if (answer.input.length == 0 && !model.ioSpec.inputOf().isCommitted()) revert InputMissing();
        (uint256[8] calldata proof, uint256 c) = AnswerRules.decodeProof(data, model.ioSpec.isBound());
        uint256[] memory signals = _signalsOf(model, answer, bindOf(digest), c);
        (address verifier, uint32 gasCap) = router.current(FAMILY_ZK_GROTH16);

        bytes4 magic = IGroth16Verifier(verifier).verify{ gas: gasCap }(model.pointer, signals, proof);
        if (magic != IGroth16Verifier.verify.selector) revert VerifierAnswerInvalid(FAMILY_ZK_GROTH16, magic);
    }

    /// @dev Only bound signals depend on the key's hash.
    function _signalsOf(
        KeyView memory model,
        Answer calldata answer,
        uint256 bind,
        uint256 c
    ) private view returns (uint256[] memory) {
        bytes32 vkHash = model.ioSpec.isBound() ? CodeStore.hashOf(model.pointer) : bytes32(0);
        Statement calldata statement = answer.statement;
        return
            Signals.rebuild(
                Signals.Parts(model.ioSpec, vkHash, bind, c, statement.inputHash, statement.outputHash),
                answer.input,
                answer.output
            );
    }

    /// @dev What cannot be verified here is refused, never left out.
    function _refuse(uint8 family) internal pure {
        bool isItem = family <= FAMILY_REEXEC && family != FAMILY_OPTIMISTIC && family != FAMILY_QUORUM;
        if (!isItem) revert FamilyNotAnItem(family);
        revert IVerifierRouter.FamilyDisabled(family);
    }

    /// @dev Both conditions hold whatever the families: a list must contain the executor, a stake must be reached.
    function _requireNamed(address executor, Signers calldata signers) internal view {
        address[] calldata named = signers.executors;
        if (named.length != 0 && !_contains(named, executor)) revert ExecutorNotNamed(executor);

        uint96 minStakeWei = signers.minStakeWei;
        if (minStakeWei == 0) return;
        uint256 stakeWei = executors.stakeOf(executor);
        if (stakeWei < minStakeWei) revert StakeTooLow(executor, stakeWei, minStakeWei);
    }

    function _contains(address[] calldata list, address wanted) private pure returns (bool) {
        for (uint256 i; i < list.length; ++i) {
            if (list[i] == wanted) return true;
        }
        return false;
    }
}
