// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { CodeStore } from "../libraries/CodeStore.sol";
import { KeyLint } from "../libraries/KeyLint.sol";

/// @title  ProofHarness
/// @notice Keys as the registry lints and stores them, to compare verification with offchain/protocol.
contract ProofHarness {
    event Stored(address pointer);

    /// @notice Stores key bytes, sound or not, where Groth16Verifier reads them.
    function store(bytes calldata key) external {
        emit Stored(CodeStore.write(key));
    }

    /// @notice Reverts as registration would for these key bytes.
    function lint(bytes calldata key, uint256 signalCount) external view {
        KeyLint.requireSound(key, signalCount);
    }
}
