// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "./IEvidenceGate.sol";
import { IInferenceCallback, IInferenceHub } from "./IInferenceHub.sol";

/// @title  InferenceClient
/// @notice What every consumer built on InferenceClient says and refuses, whatever it does with the answers.
interface IInferenceClient is IInferenceCallback {
    /// @notice This consumer wants an inference and will check its evidence itself, in the transaction that brings it.
    /// @param requestId   Pull id of (this consumer, salt): what the statement must carry.
    /// @param salt        Issued now, burnt at use: evidence counts once.
    /// @param executors   Who may answer; empty = anybody who meets the rest.
    /// @param minStakeWei Stake the executor must have; 0 = none.
    /// @param input       Canonical input.
    event PullRequested(
        bytes32 indexed requestId,
        bytes32 salt,
        bytes32 indexed modelId,
        bytes32 configHash,
        uint256 policy,
        address[] executors,
        uint96 minStakeWei,
        bytes input
    );

    /// @notice `PullRequested` of an input that stays private.
    /// @param inputHash Commitment to the input.
    event PrivatePullRequested(
        bytes32 indexed requestId,
        bytes32 salt,
        bytes32 indexed modelId,
        bytes32 configHash,
        uint256 policy,
        address[] executors,
        uint96 minStakeWei,
        bytes32 inputHash
    );

    /// @notice The policy does not imply the one this consumer accepts.
    error PolicyTooWeak(uint256 policy, uint256 acceptedPolicy);
    /// @notice Only the hub brings answers.
    error NotHub(address caller);
    /// @notice This consumer did not ask for it, or has its answer already.
    error RequestNotPending(bytes32 requestId);
    /// @notice The answer can still change.
    error AnswerNotFinal(bytes32 requestId);
    /// @notice The families present do not satisfy the accepted policy.
    error AcceptedPolicyNotMet(uint256 acceptedPolicy, uint16 presentMask);
    /// @notice Something was simulated (bit 15) or a development setup was used (bit 14); this consumer allows neither.
    error DevelopmentEvidence(uint16 presentMask);
    /// @notice This salt was never issued here, or was burnt with its evidence.
    error SaltNotIssued(bytes32 salt);
    /// @notice The model's input is public: its bytes belong to the request.
    error InputIsPublic(bytes32 modelId);
    /// @notice The salt was issued for another ask or another input.
    error SaltBoundElsewhere(bytes32 salt, bytes32 issuedFor, bytes32 broughtFor);

    /// @notice The hub that this consumer sends requests to and takes answers from.
    function hub() external view returns (IInferenceHub);
    /// @notice The gate that judges what is brought to this consumer in pull mode.
    function gate() external view returns (IEvidenceGate);
    /// @notice The weakest policy this consumer believes.
    function acceptedPolicy() external view returns (uint256);
    /// @notice Whether simulated and development evidence is believed. Never true where something is at stake.
    function allowDev() external view returns (bool);
    /// @notice Whether the hub's answer to this request is still awaited.
    function isPending(bytes32 requestId) external view returns (bool);
}
