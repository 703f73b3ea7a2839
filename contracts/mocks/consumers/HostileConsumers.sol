// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IInferenceCallback } from "../../interfaces/IInferenceHub.sol";

/// @notice Refuses with a typed error, until told otherwise; then remembers what it got.
contract MoodyConsumer is IInferenceCallback {
    error NotNow(bytes32 requestId);

    bool public willing;
    uint256 public calls;
    bytes32 public lastRequestId;
    uint8 public lastResultCode;
    bool public lastIsFinal;
    uint16 public lastPresentMask;
    bytes public lastOutput;

    /// @notice Whether the next callbacks are taken.
    function setWilling(bool willing_) external {
        willing = willing_;
    }

    /// @inheritdoc IInferenceCallback
    function onInference(
        bytes32 requestId,
        uint8 resultCode,
        bool isFinal,
        uint16 presentMask,
        bytes calldata output
    ) external override {
        if (!willing) revert NotNow(requestId);
        ++calls;
        (lastRequestId, lastResultCode, lastIsFinal) = (requestId, resultCode, isFinal);
        (lastPresentMask, lastOutput) = (presentMask, output);
    }
}

/// @notice Burns all of its gas.
contract BurningConsumer is IInferenceCallback {
    /// @inheritdoc IInferenceCallback
    function onInference(bytes32, uint8, bool, uint16, bytes calldata) external pure override {
        assembly ("memory-safe") {
            invalid()
        }
    }
}

/// @notice Returns, or reverts with, as many bytes as its gas allows for.
contract BombConsumer is IInferenceCallback {
    bool public immutable reverts;
    uint256 public immutable bombBytes;

    constructor(bool reverts_, uint256 bombBytes_) {
        (reverts, bombBytes) = (reverts_, bombBytes_);
    }

    /// @inheritdoc IInferenceCallback
    function onInference(bytes32, uint8, bool, uint16, bytes calldata) external view override {
        bool bad = reverts;
        uint256 size = bombBytes;
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, not(0))
            if bad {
                revert(start, size)
            }
            return(start, size)
        }
    }
}

/// @notice Makes calls of the test's choice inside the callback and keeps what came back.
contract ReenteringConsumer is IInferenceCallback {
    struct Call {
        address target;
        uint256 valueWei;
        bytes data;
    }

    Call[] public script;
    bool[] public succeeded;
    bytes[] public returned;

    receive() external payable {
        _run();
    }

    /// @notice Adds a call to the script; it runs once.
    function then(address target, uint256 valueWei, bytes calldata data) external {
        script.push(Call(target, valueWei, data));
    }

    /// @notice Makes a call as this contract.
    function act(address target, uint256 valueWei, bytes calldata data) external payable returns (bytes memory) {
        (bool ok, bytes memory result) = target.call{ value: valueWei }(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(result, 0x20), mload(result))
            }
        }
        return result;
    }

    /// @inheritdoc IInferenceCallback
    function onInference(bytes32, uint8, bool, uint16, bytes calldata) external override {
        _run();
    }

    function _run() private {
        while (succeeded.length < script.length) {
            Call memory next = script[succeeded.length];
            succeeded.push(false);
            (bool ok, bytes memory result) = next.target.call{ value: next.valueWei }(next.data);
            succeeded[succeeded.length - 1] = ok;
            returned.push(result);
        }
    }
}

/// @notice Fails unless it was called with at least the gas it was promised, less its own dispatch.
contract MeasuringConsumer is IInferenceCallback {
    error TooLittleGas(uint256 left, uint256 wanted);

    uint256 public immutable wantedGas;

    constructor(uint256 wantedGas_) {
        wantedGas = wantedGas_;
    }

    /// @inheritdoc IInferenceCallback
    function onInference(bytes32, uint8, bool, uint16, bytes calldata) external view override {
        uint256 left = gasleft();
        if (left < wantedGas) revert TooLittleGas(left, wantedGas);
    }
}
