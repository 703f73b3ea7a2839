// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IEvidenceGate } from "../../interfaces/IEvidenceGate.sol";
import { IInferenceHub, RequestKey, Terms } from "../../interfaces/IInferenceHub.sol";
import { ClassOutput } from "../../libraries/ClassOutput.sol";
import { RESULT_OUTPUT_INVALID } from "../../types/Constants.sol";
import { Signers } from "../../types/Evidence.sol";
import { InferenceClient } from "../InferenceClient.sol";
import { IDigitOracle, Reading, ReadingState } from "./IDigitOracle.sol";

/// @title  DigitOracle
/// @notice The smallest consumer that is called back: it asks a model to read a digit and keeps the answer.
/// @dev Push mode. `ask` opens a request at the hub; when an executor has delivered, the hub calls `onInference` of the
/// base, which has checked everything before `_onInference` runs.
contract DigitOracle is InferenceClient, IDigitOracle {
    using ClassOutput for bytes;
    using SafeCast for uint256;

    /// @inheritdoc IDigitOracle
    uint32 public constant override CALLBACK_GAS = 40_000;

    /// @inheritdoc IDigitOracle
    bytes32 public immutable override modelId;

    mapping(bytes32 requestId => Reading) private _readings;

    /// @param hub_            Where requests are sent.
    /// @param modelId_        A version with 64 inputs that ends in ArgMax over ten classes.
    /// @param acceptedPolicy_ The weakest policy that an asker may choose.
    /// @param allowDev_       Whether simulated and development evidence counts.
    constructor(
        IInferenceHub hub_,
        bytes32 modelId_,
        uint256 acceptedPolicy_,
        bool allowDev_
    ) InferenceClient(hub_, IEvidenceGate(address(0)), acceptedPolicy_, allowDev_) {
        modelId = modelId_;
    }

    /// @inheritdoc IDigitOracle
    function ask(
        bytes calldata image,
        uint256 policy,
        Signers calldata signers,
        uint40 deadline
    ) external payable override returns (bytes32 requestId) {
        Terms memory terms;
        terms.modelId = modelId;
        terms.inputHash = keccak256(image);
        terms.policy = policy;
        terms.executors = signers.executors;
        terms.minStakeWei = signers.minStakeWei;
        terms.feeWei = msg.value.toUint96();
        terms.deadline = deadline;
        terms.callbackGas = CALLBACK_GAS;
        terms.refundee = msg.sender;

        requestId = _request(terms, image, "");

        _readings[requestId] = Reading(msg.sender, ReadingState.Asked, 0, 0);
        emit DigitAsked(requestId, msg.sender, policy);
    }

    /// @inheritdoc IDigitOracle
    function cancel(RequestKey calldata key) external override {
        address asker = _readings[hub.requestIdOf(key)].asker;
        if (msg.sender != asker) revert NotAsker(asker, msg.sender);

        hub.cancel(key);
    }

    /// @inheritdoc IDigitOracle
    function readingOf(bytes32 requestId) external view override returns (Reading memory) {
        return _readings[requestId];
    }

    /// @dev A class above nine cannot come from the model. Under a policy of signatures alone somebody may still sign
    /// it, so it is kept as a failure instead of being read as a digit.
    function _onInference(bytes32 requestId, bytes calldata output) internal override {
        uint256 class = output.classOf();
        if (class > 9) {
            _onFailure(requestId, RESULT_OUTPUT_INVALID);
            return;
        }

        _readings[requestId].state = ReadingState.Read;
        _readings[requestId].digit = uint8(class);
        emit DigitRead(requestId, uint8(class));
    }

    function _onFailure(bytes32 requestId, uint8 resultCode) internal override {
        _readings[requestId].state = ReadingState.Failed;
        _readings[requestId].resultCode = resultCode;
        emit DigitFailed(requestId, resultCode);
    }
}
