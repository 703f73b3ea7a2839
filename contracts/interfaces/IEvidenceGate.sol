// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Answer, Ask, Evidence, Signers } from "../types/Evidence.sol";
import { Statement, StatementField } from "../types/Statement.sol";
import { IExecutorRegistry } from "./IExecutorRegistry.sol";
import { IModelRegistry } from "./IModelRegistry.sol";
import { ITeeRegistry } from "./ITeeRegistry.sol";
import { IVerifierRouter } from "./IVerifierRouter.sol";

/// @title  EvidenceGate
/// @notice (statement, policy, evidence) -> accepted or revert. Pure truth: no money, no state of its own.
interface IEvidenceGate {
    /// @notice A field of the statement is not what was asked for or brought.
    error StatementMismatch(StatementField field, bytes32 expected, bytes32 actual);
    /// @notice Somebody must answer for a statement.
    error ExecutorIsZero();
    /// @notice The evidence list is empty.
    error EvidenceMissing();
    /// @notice Items must strictly ascend by family; the item at `index` does not.
    error EvidenceOrder(uint256 index);
    /// @notice The bytes of an item do not have the form of their family.
    error EvidenceMalformed(uint8 family);
    /// @notice This family is never an item of evidence (OPTIMISTIC, QUORUM, unknown bits).
    error FamilyNotAnItem(uint8 family);
    /// @notice A SIGNED item needs named executors or a minimum stake; neither was given.
    error SignersUnspecified();
    /// @notice The family's verifier answered something else than its magic value.
    error VerifierAnswerInvalid(uint8 family, bytes4 magic);
    /// @notice The statement's executor is not in the list of named executors.
    error ExecutorNotNamed(address executor);
    /// @notice The executor's free stake is below what was asked.
    error StakeTooLow(address executor, uint256 stakeWei, uint256 minStakeWei);
    /// @notice The circuit says nothing of failures and configurations, so a ZK item cannot stand for them.
    error ZkNotApplicable(uint8 resultCode, bytes32 configHash);
    /// @notice The model version has no verifying key.
    error ModelHasNoKey(bytes32 modelId);
    /// @notice A ZK item over public input needs the input bytes.
    error InputMissing();
    /// @notice A model with an artifact must run inside the enclave (COMPUTE); one behind an API is forwarded to (GATEWAY).
    error ClaimClassMismatch(bytes32 enclaveId, uint8 expected, uint8 actual);
    /// @notice The model's owner does not name the code that runs in the enclave, or the name does not count yet.
    error MeasurementNotAllowed(bytes32 modelId, uint8 family, bytes32 measurementId);
    /// @notice Input or output bytes do not have the length of the model's ioSpec.
    error LengthMismatch(StatementField field, uint256 expectedBytes, uint256 actualBytes);
    /// @notice The hash of a committed side is not a field element.
    error CommitmentInvalid(StatementField field, bytes32 hash);
    /// @notice A failure has empty output and outputHash 0.
    error FailureHasOutput();
    /// @notice The statement is dated more than 60 s ahead of the chain.
    error IssuedInFuture(uint64 issuedAt, uint256 timestamp);
    /// @notice The evidence is older than the policy allows.
    error EvidenceTooOld(uint64 issuedAt, uint256 maxAgeSeconds, uint256 timestamp);
    /// @notice The families present satisfy no clause of the policy.
    error PolicyNotMet(uint256 policy, uint16 present);
    /// @notice The policy word is not in canonical form.
    error PolicyNotCanonical(uint256 policy);
    /// @notice The policy asks for something that is not built yet (OPTIMISTIC, QUORUM, flags 2 and 4).
    error PolicyUnavailable(uint256 policy);
    /// @notice No clause of the policy can be met now for this model, configuration and signers.
    error PolicyCannotBeMet(uint256 policy);
    /// @notice Pull mode refuses failures.
    error ResultIsFailure(uint8 resultCode);

    /// @notice Verifies every item against the answer's statement; knows no policy.
    /// @return present Mask of families that verified; bit 15 simulated, bit 14 development setup.
    function verify(
        Answer calldata answer,
        Signers calldata signers,
        Evidence[] calldata evidence
    ) external view returns (uint16 present);

    /// @notice `verify`, and the statement answers the ask, and the policy is met. The caller vouches for requestId.
    function check(
        Answer calldata answer,
        Ask calldata ask,
        Evidence[] calldata evidence
    ) external view returns (uint16 present);

    /// @notice `check` for a synchronous consumer: requestId is the pull id of (msg.sender, salt).
    function checkPull(
        Answer calldata answer,
        Ask calldata ask,
        bytes32 salt,
        Evidence[] calldata evidence
    ) external view returns (uint16 present);

    /// @notice Which clauses of a policy can be met now; reverts when the policy is not canonical, unavailable or unmeetable.
    /// @return clauses        Bit i is set when clause i (of 12) can be met.
    /// @return inputCommitted Whether the model's input is committed, so that its bytes are not to be brought.
    function meetable(Ask calldata ask) external view returns (uint16 clauses, bool inputCommitted);

    /// @notice Which sides of a model's inferences are committed: their bytes stay private, their hashes are
    /// commitments. Reverts UnknownModel.
    function committedSides(bytes32 modelId) external view returns (bool input, bool output);

    /// @notice Where model versions and keys are looked up.
    function models() external view returns (IModelRegistry);

    /// @notice Where signing keys and stakes are looked up.
    function executors() external view returns (IExecutorRegistry);

    /// @notice Where enclave keys are looked up.
    function enclaves() external view returns (ITeeRegistry);

    /// @notice Which names each family's verifier.
    function router() external view returns (IVerifierRouter);

    /// @notice EIP-712 digest of a statement under this gate's domain.
    function digestOf(Statement calldata statement) external view returns (bytes32);
}
