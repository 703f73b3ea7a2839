// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Answer, Evidence } from "../types/Evidence.sol";
import { IEvidenceGate } from "./IEvidenceGate.sol";

/// @notice Everything a requester fixes; requestId commits to all of it.
struct Terms {
    bytes32 modelId;
    bytes32 configHash; // 0 = none
    bytes32 inputHash; // keccak256 of the canonical input; a committed one's commitment
    uint256 policy; // the word of types/Policy.sol
    address[] executors; // who may answer; may be empty
    uint96 minStakeWei; // 0 = none
    uint96 feeWei; // in wei of `token`; paid to the executor when the answer is final
    address token; // 0 = native, else the one token of the deployment
    uint40 deadline; // unix seconds, inclusive; at most 30 days ahead
    address callback; // 0 = none
    uint32 callbackGas; // exact gas of the callback; 0 if and only if callback is 0
    address refundee; // who is credited when the request is refunded; never 0
}

/// @notice Where a request stands; only moves forward within a round.
enum Status {
    None,
    Open,
    Locked,
    Proposed,
    Challenged,
    Final,
    Refuted,
    Errored,
    Refunded,
    Voided
}

/// @notice What became of the callback.
enum CallbackState {
    None,
    Pending,
    Done,
    Failed
}

/// @notice What is kept of one request; its id commits to requester and terms, which later calls bring again. 2 slots.
struct Request {
    // slot 0
    address refundee;
    uint40 cancelAt; // unix seconds from which the second cancel succeeds; 0 = not announced
    uint16 round;
    uint16 presentMask; // DESIGN of types/Policy.sol; 0 until final
    uint8 resultCode;
    CallbackState callback;
    Status status;
    // slot 1: escrowed amount until final, then the output hash
    bytes32 escrowThenOutputHash;
}

/// @notice The preimage of a requestId besides the hub and the chain.
struct RequestKey {
    address requester;
    bytes32 salt;
    Terms terms;
}

/// @title  InferenceHub
/// @notice Life and money of a request: escrow, delivery, callback, cancel, refund. Truth is the gate's.
interface IInferenceHub {
    event Requested(
        bytes32 indexed requestId,
        address indexed requester,
        bytes32 indexed modelId,
        bytes32 salt,
        Terms terms,
        bytes input,
        string inputUri,
        uint16 meetableClauses
    );
    event CancelAnnounced(bytes32 indexed requestId, uint40 cancelAt);
    event Refunded(bytes32 indexed requestId, address indexed refundee, bool cancelled);
    event Delivered(
        bytes32 indexed requestId,
        address indexed executor,
        uint16 presentMask,
        uint64 issuedAt,
        uint32 round,
        bytes32 outputHash,
        bytes output
    );
    event Errored(
        bytes32 indexed requestId,
        address indexed executor,
        uint8 resultCode,
        uint16 presentMask,
        uint64 issuedAt,
        uint32 round
    );
    event CallbackAttempted(bytes32 indexed requestId, bool succeeded, bytes returnData);
    event Withdrawn(address indexed account, address indexed token, address indexed to, uint256 amount);

    error RequestExists(bytes32 requestId);
    /// @notice No such request, or requester, salt and terms are not its preimage.
    error RequestUnknown(bytes32 requestId);
    error RequestNotOpen(bytes32 requestId, Status status);
    error DeadlinePassed(uint40 deadline, uint256 timestamp);
    error DeadlineNotPassed(uint40 deadline, uint256 timestamp);
    error DeadlineOutOfRange(uint40 deadline, uint256 earliest, uint256 latest);
    error InputHashMismatch(bytes32 expected, bytes32 actual);
    error InputTooLarge(uint256 bytesGiven, uint256 bytesAllowed);
    error InputMissing();
    /// @notice The model's input is committed: its bytes are not for the chain.
    error InputMustStayPrivate(bytes32 modelId);
    error TooManyExecutors(uint256 named, uint256 allowed);
    error RefundeeIsZero();
    error CallbackInvalid(address callback, uint32 callbackGas);
    error TokenNotAccepted(address token);
    error FeeMismatch(uint256 expectedWei, uint256 actualWei);
    error FeeNotReceived(uint256 expected, uint256 received);
    error NotRequester(address requester, address caller);
    error CancelNotDue(uint40 cancelAt, uint256 timestamp);
    error FailureNotByNamedExecutor(address executor);
    error FailureEvidenceInvalid();
    error InsufficientCallbackGas(uint256 neededGas, uint256 availableGas);
    error CallbackNotRetriable(bytes32 requestId, CallbackState state);
    error OutputHashMismatch(bytes32 expected, bytes32 actual);
    /// @notice The answer's output lies in front of the arguments, where the gate finds other bytes than the hub.
    error OutputMisplaced();
    error NothingToWithdraw(address account, address token);
    error TransferFailed(address to, uint256 amountWei);
    /// @notice `request` or `withdraw` is moving money further up the call stack.
    error MoneyIsMoving();

    /// @notice Opens a request and takes its fee into escrow.
    /// @param input    Canonical input up to 4 KB, or empty when `inputUri` is given or the model's input is committed.
    /// @param inputUri Where larger inputs are; content is checked against terms.inputHash by whoever runs it.
    function request(
        Terms calldata terms,
        bytes32 salt,
        bytes calldata input,
        string calldata inputUri
    ) external payable returns (bytes32 requestId);
    /// @notice Records one answer; anyone may bring it, the fee is credited to its executor.
    function fulfil(RequestKey calldata key, Answer calldata answer, Evidence[] calldata evidence) external;
    /// @notice The first call announces, the second, 600 s or more later, refunds. A delivery meanwhile wins.
    function cancel(RequestKey calldata key) external;
    /// @notice Refunds an open request after its deadline; anyone may call, never pausable.
    function refund(RequestKey calldata key) external;
    /// @notice Calls the callback again after it failed; anyone may call.
    /// @param output As it was delivered: empty for a failure and when the model's output is committed.
    function retryCallback(RequestKey calldata key, bytes calldata output) external;
    /// @notice Pays msg.sender's credit in `token` to `to`.
    function withdraw(address token, address to) external;

    /// @notice The gate that judges the evidence of this hub's requests; fixed for ever.
    function gate() external view returns (IEvidenceGate);
    /// @notice The one ERC-20 that fees may be paid in besides the native token; 0 = none.
    function token() external view returns (address);
    /// @notice What is stored of a request; status None = unknown.
    function requestOf(bytes32 requestId) external view returns (Request memory);
    /// @notice The answer in one call; isFinal is false while there is none.
    function resultOf(
        bytes32 requestId
    ) external view returns (uint8 resultCode, bool isFinal, uint16 presentMask, bytes32 outputHash);
    /// @notice Credit of an account in a token (0 = native).
    function creditOf(address account, address token) external view returns (uint256 amount);
    /// @notice Id of a request with this preimage on this hub.
    function requestIdOf(RequestKey calldata key) external view returns (bytes32);
}

/// @title  IInferenceCallback
/// @notice What the hub calls when an answer is final.
interface IInferenceCallback {
    /// @param requestId   Which request ended.
    /// @param resultCode  0 = ok, else a coded failure.
    /// @param isFinal     Whether the answer can no longer change.
    /// @param presentMask Families that vouch for it; bits 14 and 15 as in types/Policy.sol.
    /// @param output      Canonical output; empty for a failure, and when the output is committed: its commitment is the
    ///                    outputHash of `resultOf(requestId)`.
    function onInference(
        bytes32 requestId,
        uint8 resultCode,
        bool isFinal,
        uint16 presentMask,
        bytes calldata output
    ) external;
}
