// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IInferenceCallback } from "../../interfaces/IInferenceHub.sol";

/// @notice Takes every callback and does nothing, so that what a delivery costs more is the hub's own part.
contract SilentConsumer is IInferenceCallback {
    /// @inheritdoc IInferenceCallback
    function onInference(bytes32, uint8, bool, uint16, bytes calldata) external pure override {}
}
