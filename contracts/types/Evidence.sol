// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Statement } from "./Statement.sol";

/// @notice Bytes that convince the current verifier of one family. Items strictly ascend by family.
/// @dev SIGNED: r‖s‖v (65 bytes). TEE_*: abi.encode(bytes32 enclaveId, bytes sig65).
/// ZK_GROTH16: abi.encode(uint256[8] proof), bound models: abi.encode(uint256[8] proof, uint256 c).
struct Evidence {
    uint8 family;
    bytes data;
}

/// @notice Who may answer. A non-empty list must contain the executor; a non-zero stake must be reached by it.
struct Signers {
    address[] executors;
    uint96 minStakeWei;
}

/// @notice What the caller wants.
struct Ask {
    bytes32 modelId;
    bytes32 configHash;
    uint256 policy; // the word of types/Policy.sol
    Signers signers;
}

/// @notice What was brought.
struct Answer {
    Statement statement;
    bytes input; // may be empty unless a ZK item is present, must be when committed; else keccak256 = inputHash
    bytes output; // always given; empty for a failure and when committed
}
