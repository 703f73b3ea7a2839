// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEvidenceGate } from "../interfaces/IEvidenceGate.sol";
import {
    CallbackState,
    IInferenceCallback,
    IInferenceHub,
    Request,
    RequestKey,
    Status,
    Terms
} from "../interfaces/IInferenceHub.sol";
import { ExactCall } from "../libraries/ExactCall.sol";
import { GateCall } from "../libraries/GateCall.sol";
import { RequestIds } from "../libraries/RequestIds.sol";
import { StatementMatch } from "../libraries/StatementMatch.sol";
import { TermsRules } from "../libraries/TermsRules.sol";
import { Answer, Evidence, Signers } from "../types/Evidence.sol";
import { Credits } from "./Credits.sol";

/// @title  InferenceHub
/// @notice Life and money of a request: escrow, delivery, callback, cancel, refund. Truth is the gate's.
/// @dev No owner, no pause, no upgrade. Nothing depends on who brings a delivery: its statement names who is paid, so a
/// copied transaction only pays that executor's gas.
contract InferenceHub is Credits {
    using GateCall for IEvidenceGate;
    using RequestIds for address;

    /// @dev Seconds between the two calls of `cancel`: time for a delivery that is on its way.
    uint40 private constant CANCEL_DELAY = 600;

    /// @inheritdoc IInferenceHub
    IEvidenceGate public immutable override gate;

    mapping(bytes32 requestId => Request) private _requests;

    /// @param evidenceGate  Judges the evidence of every request made here.
    /// @param acceptedToken The ERC-20 that fees may be paid in; 0 = only the native token.
    constructor(IEvidenceGate evidenceGate, address acceptedToken) Credits(acceptedToken) {
        gate = evidenceGate;
    }

    /// @inheritdoc IInferenceHub
    function request(
        Terms calldata terms,
        bytes32 salt,
        bytes calldata input,
        string calldata inputUri
    ) external payable override movesMoney returns (bytes32 requestId) {
        requestId = address(this).hubId(msg.sender, salt, terms);
        Request storage r = _requests[requestId];
        if (r.status != Status.None) revert RequestExists(requestId);
        TermsRules.requireValid(terms);
        (uint16 clauses, bool inputIsCommitted) = gate.meetableFor(terms);
        if (inputIsCommitted) TermsRules.requireCommitment(terms, input, inputUri);
        else TermsRules.requireInput(terms.inputHash, input, inputUri);

        r.refundee = terms.refundee;
        r.status = Status.Open;
        r.escrowThenOutputHash = bytes32(uint256(terms.feeWei));
        emit Requested(requestId, msg.sender, terms.modelId, salt, terms, input, inputUri, clauses);

        _collect(terms.token, terms.feeWei);
    }

    /// @inheritdoc IInferenceHub
    function fulfil(
        RequestKey calldata key,
        Answer calldata answer,
        Evidence[] calldata evidence
    ) external override whileMoneyRests {
        Terms calldata terms = key.terms;
        bytes32 requestId = requestIdOf(key);
        Request storage r = _openRequest(requestId);
        if (block.timestamp > terms.deadline) revert DeadlinePassed(terms.deadline, block.timestamp);
        StatementMatch.requireAnswers(answer.statement, requestId, terms.inputHash, r.round);

        if (answer.statement.resultCode == 0) _deliver(r, terms, answer, evidence);
        else _fail(r, terms, answer, evidence);

        if (terms.callbackGas != 0) _callBack(r, requestId, terms, answer.output);
    }

    /// @inheritdoc IInferenceHub
    function cancel(RequestKey calldata key) external override {
        bytes32 requestId = requestIdOf(key);
        Request storage r = _openRequest(requestId);
        if (msg.sender != key.requester) revert NotRequester(key.requester, msg.sender);

        uint40 cancelAt = r.cancelAt;
        if (cancelAt == 0) {
            cancelAt = uint40(block.timestamp) + CANCEL_DELAY;
            r.cancelAt = cancelAt;
            emit CancelAnnounced(requestId, cancelAt);
            return;
        }
        if (block.timestamp < cancelAt) revert CancelNotDue(cancelAt, block.timestamp);

        _refund(r, requestId, key.terms, true);
    }

    /// @inheritdoc IInferenceHub
    function refund(RequestKey calldata key) external override {
        bytes32 requestId = requestIdOf(key);
        Request storage r = _openRequest(requestId);
        uint40 deadline = key.terms.deadline;
        if (block.timestamp <= deadline) revert DeadlineNotPassed(deadline, block.timestamp);

        _refund(r, requestId, key.terms, false);
    }

    /// @inheritdoc IInferenceHub
    function retryCallback(RequestKey calldata key, bytes calldata output) external override whileMoneyRests {
        bytes32 requestId = requestIdOf(key);
        Request storage r = _requests[requestId];
        if (r.status == Status.None) revert RequestUnknown(requestId);
        if (r.callback != CallbackState.Failed) revert CallbackNotRetriable(requestId, r.callback);
        _requireDelivered(r, key.terms.modelId, output);

        r.callback = CallbackState.Pending;

        _callBack(r, requestId, key.terms, output);
    }

    /// @inheritdoc IInferenceHub
    function requestOf(bytes32 requestId) external view override returns (Request memory) {
        return _requests[requestId];
    }

    /// @inheritdoc IInferenceHub
    function resultOf(
        bytes32 requestId
    ) external view override returns (uint8 resultCode, bool isFinal, uint16 presentMask, bytes32 outputHash) {
        Request storage r = _requests[requestId];
        isFinal = r.status == Status.Final || r.status == Status.Errored;
        if (isFinal) (resultCode, presentMask, outputHash) = (r.resultCode, r.presentMask, r.escrowThenOutputHash);
    }

    /// @inheritdoc IInferenceHub
    function requestIdOf(RequestKey calldata key) public view override returns (bytes32) {
        return address(this).hubId(key.requester, key.salt, key.terms);
    }

    /// @dev An answer that meets the policy: final, and its executor is paid.
    function _deliver(
        Request storage r,
        Terms calldata terms,
        Answer calldata answer,
        Evidence[] calldata evidence
    ) private {
        uint16 present = gate.checkAgainst(terms, answer, evidence);
        bytes calldata output = answer.output;
        GateCall.requireSeen(output);
        address executor = answer.statement.executor;

        r.presentMask = present;
        r.status = Status.Final;
        if (terms.callbackGas != 0) r.callback = CallbackState.Pending;
        r.escrowThenOutputHash = answer.statement.outputHash;
        _credit(executor, terms.token, terms.feeWei);
        emit Delivered(
            answer.statement.requestId,
            executor,
            present,
            answer.statement.issuedAt,
            answer.statement.round,
            answer.statement.outputHash,
            output
        );
    }

    /// @dev A failure that a named executor answers for: never paid, and all of the fee goes back.
    function _fail(
        Request storage r,
        Terms calldata terms,
        Answer calldata answer,
        Evidence[] calldata evidence
    ) private {
        StatementMatch.requireFailure(answer.statement, terms, evidence);
        uint16 present = gate.verify(answer, Signers(terms.executors, terms.minStakeWei), evidence);

        r.presentMask = present;
        r.resultCode = answer.statement.resultCode;
        r.status = Status.Errored;
        if (terms.callbackGas != 0) r.callback = CallbackState.Pending;
        r.escrowThenOutputHash = 0;
        _credit(r.refundee, terms.token, terms.feeWei);
        emit Errored(
            answer.statement.requestId,
            answer.statement.executor,
            answer.statement.resultCode,
            present,
            answer.statement.issuedAt,
            answer.statement.round
        );
    }

    function _refund(Request storage r, bytes32 requestId, Terms calldata terms, bool cancelled) private {
        address refundee = r.refundee;
        r.status = Status.Refunded;
        r.escrowThenOutputHash = 0;
        _credit(refundee, terms.token, terms.feeWei);
        emit Refunded(requestId, refundee, cancelled);
    }

    /// @dev The answer stands already; the callback gets exactly its gas, and its failure is only written down.
    function _callBack(Request storage r, bytes32 requestId, Terms calldata terms, bytes calldata output) private {
        bytes memory data = abi.encodeCall(
            IInferenceCallback.onInference,
            (requestId, r.resultCode, true, r.presentMask, output)
        );

        (bool succeeded, bytes memory returnData) = ExactCall.attempt(terms.callback, terms.callbackGas, data);

        r.callback = succeeded ? CallbackState.Done : CallbackState.Failed;
        emit CallbackAttempted(requestId, succeeded, returnData);
    }

    /// @dev The output is what was delivered: a failure has none, and of a committed output there is only the hash.
    function _requireDelivered(Request storage r, bytes32 modelId, bytes calldata output) private view {
        bytes32 delivered = r.escrowThenOutputHash;
        bytes32 outputHash = r.resultCode == 0 || output.length != 0 ? keccak256(output) : bytes32(0);
        (, bool isCommitted) = gate.committedSides(modelId);
        // Whoever signs for a commitment can take the hash of bytes for it: they are no output all the same.
        bool isDelivered = isCommitted ? output.length == 0 : outputHash == delivered;
        if (!isDelivered) revert OutputHashMismatch(delivered, outputHash);
    }

    function _openRequest(bytes32 requestId) private view returns (Request storage r) {
        r = _requests[requestId];
        if (r.status == Status.Open) return r;
        if (r.status == Status.None) revert RequestUnknown(requestId);
        revert RequestNotOpen(requestId, r.status);
    }
}
