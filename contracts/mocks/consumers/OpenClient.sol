// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { InferenceClient } from "../../client/InferenceClient.sol";
import { IEvidenceGate } from "../../interfaces/IEvidenceGate.sol";
import { IInferenceHub, Terms } from "../../interfaces/IInferenceHub.sol";
import { Answer, Ask, Evidence } from "../../types/Evidence.sol";

/// @title  OpenClient
/// @notice InferenceClient with everything that is internal there open to tests.
contract OpenClient is InferenceClient {
    uint256 public answers;
    uint256 public failures;
    bytes public lastOutput;
    uint8 public lastResultCode;

    constructor(
        IInferenceHub hub_,
        IEvidenceGate gate_,
        uint256 acceptedPolicy_,
        bool allowDev_
    ) InferenceClient(hub_, gate_, acceptedPolicy_, allowDev_) {}

    receive() external payable {}

    /// @notice `_request`.
    function request(Terms memory terms, bytes memory input, string memory uri) external payable returns (bytes32) {
        return _request(terms, input, uri);
    }

    /// @notice `_issuePull`.
    function issuePull(Ask memory ask, bytes memory input) external returns (bytes32 requestId, bytes32 salt) {
        return _issuePull(ask, input);
    }

    /// @notice `_issuePrivatePull`.
    function issuePrivatePull(Ask memory ask, bytes32 inputHash) external returns (bytes32 requestId, bytes32 salt) {
        return _issuePrivatePull(ask, inputHash);
    }

    /// @notice `_consumePull`.
    function consumePull(
        Answer calldata answer,
        Ask memory ask,
        bytes32 salt,
        Evidence[] calldata evidence
    ) external returns (uint16 presentMask) {
        return _consumePull(answer, ask, salt, evidence);
    }

    function _onInference(bytes32, bytes calldata output) internal override {
        ++answers;
        lastOutput = output;
    }

    function _onFailure(bytes32, uint8 resultCode) internal override {
        ++failures;
        lastResultCode = resultCode;
    }
}
