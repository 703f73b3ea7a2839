// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../interfaces/IEvidenceGate.sol";
import { IInferenceClient } from "../interfaces/IInferenceClient.sol";
import { IInferenceCallback, IInferenceHub, Terms } from "../interfaces/IInferenceHub.sol";
import { RequestIds } from "../libraries/RequestIds.sol";
import { PRESENT_DEVELOPMENT, PRESENT_SIMULATED } from "../types/Constants.sol";
import { Answer, Ask, Evidence } from "../types/Evidence.sol";
import { PolicyLib } from "../types/Policy.sol";

/// @title  InferenceClient
/// @notice Inherit this, say which policy you believe, and override one hook.
///
///   push:  `_request` opens a request at the hub; later the hub calls back and `_onInference` gets the output.
///   pull:  `_issuePull` announces what is wanted; whoever brings output and evidence makes the contract call
///          `_consumePull`, which checks them in the same transaction. Several pulls in one transaction are all or
///          nothing, and the output of one may decide what is done with the next.
///
/// @dev The base refuses everything weaker than `acceptedPolicy` twice: when it is asked for and when it arrives. It
/// believes nobody but its own hub and gate, nothing it did not ask for, and no answer or evidence twice.
abstract contract InferenceClient is IInferenceClient {
    using PolicyLib for uint256;

    /// @inheritdoc IInferenceClient
    IInferenceHub public immutable override hub;
    /// @inheritdoc IInferenceClient
    IEvidenceGate public immutable override gate;
    /// @inheritdoc IInferenceClient
    uint256 public immutable override acceptedPolicy;
    /// @inheritdoc IInferenceClient
    bool public immutable override allowDev;

    mapping(bytes32 requestId => bool pending) private _pending;
    mapping(bytes32 salt => bytes32 wanted) private _issued;
    uint256 private _saltCount;

    /// @param hub_            Where requests are sent; 0 for a consumer that only pulls.
    /// @param gate_           What judges pulled evidence; 0 for a consumer that is only called back.
    /// @param acceptedPolicy_ The weakest policy to believe, in canonical form.
    /// @param allowDev_       Whether simulated and development evidence counts: for tests and demos only.
    constructor(IInferenceHub hub_, IEvidenceGate gate_, uint256 acceptedPolicy_, bool allowDev_) {
        if (!acceptedPolicy_.isCanonical()) revert IEvidenceGate.PolicyNotCanonical(acceptedPolicy_);
        hub = hub_;
        gate = gate_;
        acceptedPolicy = acceptedPolicy_;
        allowDev = allowDev_;
    }

    /// @inheritdoc IInferenceCallback
    function onInference(
        bytes32 requestId,
        uint8 resultCode,
        bool isFinal,
        uint16 presentMask,
        bytes calldata output
    ) external override {
        if (msg.sender != address(hub)) revert NotHub(msg.sender);
        if (!_pending[requestId]) revert RequestNotPending(requestId);
        if (!isFinal) revert AnswerNotFinal(requestId);
        _requireReal(presentMask);
        if (resultCode == 0) _requireAccepted(presentMask);

        delete _pending[requestId];

        if (resultCode == 0) _onInference(requestId, output);
        else _onFailure(requestId, resultCode);
    }

    /// @inheritdoc IInferenceClient
    function isPending(bytes32 requestId) public view override returns (bool) {
        return _pending[requestId];
    }

    /// @dev Sends a request to the hub and remembers its id. A fee in the native token is paid from this contract's
    /// balance; one in another token must have been approved to the hub by this contract.
    /// @param terms    As the hub takes them, but `callback` is always this contract.
    /// @param input    Canonical input up to 4 KB, or empty when `inputUri` is given or the model's input is committed.
    /// @param inputUri Where a larger input is.
    function _request(
        Terms memory terms,
        bytes memory input,
        string memory inputUri
    ) internal returns (bytes32 requestId) {
        _requireStrong(terms.policy);
        terms.callback = address(this);

        uint256 valueWei = terms.token == address(0) ? terms.feeWei : 0;
        requestId = hub.request{ value: valueWei }(terms, _newSalt(), input, inputUri);
        _pending[requestId] = true;
    }

    /// @dev Announces an inference to be pulled. The salt is bound to this ask and this input.
    /// @return requestId What the statement must carry.
    /// @return salt      To be brought to `_consumePull` with the evidence.
    function _issuePull(Ask memory ask, bytes memory input) internal returns (bytes32 requestId, bytes32 salt) {
        if (_requireMeetable(ask)) revert IInferenceHub.InputMustStayPrivate(ask.modelId);

        (requestId, salt) = _issue(ask, keccak256(input));
        emit PullRequested(
            requestId,
            salt,
            ask.modelId,
            ask.configHash,
            ask.policy,
            ask.signers.executors,
            ask.signers.minStakeWei,
            input
        );
    }

    /// @dev `_issuePull` for a model whose input is committed: only the commitment is told.
    function _issuePrivatePull(Ask memory ask, bytes32 inputHash) internal returns (bytes32 requestId, bytes32 salt) {
        if (!_requireMeetable(ask)) revert InputIsPublic(ask.modelId);

        (requestId, salt) = _issue(ask, inputHash);
        emit PrivatePullRequested(
            requestId,
            salt,
            ask.modelId,
            ask.configHash,
            ask.policy,
            ask.signers.executors,
            ask.signers.minStakeWei,
            inputHash
        );
    }

    /// @dev Checks what was brought against what was issued under this salt, and burns the salt. Returns only if the
    /// output may be believed.
    function _consumePull(
        Answer calldata answer,
        Ask memory ask,
        bytes32 salt,
        Evidence[] calldata evidence
    ) internal returns (uint16 presentMask) {
        bytes32 wanted = _issued[salt];
        if (wanted == 0) revert SaltNotIssued(salt);
        bytes32 brought = _wantedOf(ask, answer.statement.inputHash);
        if (brought != wanted) revert SaltBoundElsewhere(salt, wanted, brought);

        delete _issued[salt];

        presentMask = gate.checkPull(answer, ask, salt, evidence);
        _requireReal(presentMask);
        _requireAccepted(presentMask);
    }

    /// @dev The answer to a request made by `_request`: final, true by the accepted policy, delivered once. A committed
    /// output is empty here, and its commitment the outputHash of `hub.resultOf(requestId)`. A revert here leaves the
    /// callback failed; anybody can have it retried.
    function _onInference(bytes32 requestId, bytes calldata output) internal virtual;

    /// @dev The request failed, its fee went back to its refundee. By default nothing happens.
    function _onFailure(bytes32 requestId, uint8 resultCode) internal virtual {}

    /// @dev Binds a new salt to this ask and this input.
    function _issue(Ask memory ask, bytes32 inputHash) private returns (bytes32 requestId, bytes32 salt) {
        salt = _newSalt();
        requestId = RequestIds.pullId(address(gate), address(this), salt);
        _issued[salt] = _wantedOf(ask, inputHash);
    }

    /// @dev Never the same twice, and not known before the block in which it is issued.
    function _newSalt() private returns (bytes32) {
        uint256 count = ++_saltCount;
        return keccak256(abi.encode(count, blockhash(block.number - 1)));
    }

    /// @return inputCommitted Whether the model's input is committed.
    function _requireMeetable(Ask memory ask) private view returns (bool inputCommitted) {
        _requireStrong(ask.policy);
        (, inputCommitted) = gate.meetable(ask);
    }

    function _requireStrong(uint256 policy) private view {
        if (!policy.implies(acceptedPolicy)) revert PolicyTooWeak(policy, acceptedPolicy);
    }

    function _requireAccepted(uint16 presentMask) private view {
        if (!acceptedPolicy.satisfied(presentMask)) revert AcceptedPolicyNotMet(acceptedPolicy, presentMask);
    }

    function _requireReal(uint16 presentMask) private view {
        if (allowDev) return;
        if (presentMask & (PRESENT_DEVELOPMENT | PRESENT_SIMULATED) != 0) revert DevelopmentEvidence(presentMask);
    }

    function _wantedOf(Ask memory ask, bytes32 inputHash) private pure returns (bytes32) {
        return keccak256(abi.encode(ask, inputHash));
    }
}
