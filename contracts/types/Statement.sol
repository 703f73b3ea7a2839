// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice The one struct that every kind of evidence commits to; hashed by EIP-712 under the gate's domain.
struct Statement {
    bytes32 requestId; // which wanted inference
    bytes32 modelId; // which model version
    bytes32 configHash; // prompt, template, sampling; 0 = none
    bytes32 inputHash; // keccak256 of the canonical encoding of the effective input; a committed one's commitment
    bytes32 outputHash; // likewise of the output; 0 when resultCode != 0
    bytes32 contextHash; // 0 for hub and pull requests
    address executor; // who answers for it and is paid; never 0
    uint64 issuedAt; // unix seconds, taken before the evidence is made
    uint32 round; // 0 unless an earlier proposal was refuted
    uint8 resultCode; // 0 ok, else a coded failure
}

/// @notice The fields of a statement, in order, to name the one that is wrong.
enum StatementField {
    RequestId,
    ModelId,
    ConfigHash,
    InputHash,
    OutputHash,
    ContextHash,
    Executor,
    IssuedAt,
    Round,
    ResultCode
}

using { structHash } for Statement global;

/// @dev EIP-712 type hash of `Statement`; test/vectors/statement.json pins it for every language.
bytes32 constant STATEMENT_TYPEHASH = keccak256(
    "Statement(bytes32 requestId,bytes32 modelId,bytes32 configHash,bytes32 inputHash,bytes32 outputHash,bytes32 contextHash,address executor,uint64 issuedAt,uint32 round,uint8 resultCode)"
);

/// @notice EIP-712 struct hash of a statement (without the domain).
function structHash(Statement memory s) pure returns (bytes32) {
    return keccak256(abi.encode(STATEMENT_TYPEHASH, s));
}

/// @notice The public signal by which a Groth16 proof commits to a digest: 253 bits, below the field order.
/// @param digest EIP-712 digest of the statement.
function bindOf(bytes32 digest) pure returns (uint256) {
    return uint256(digest) >> 3;
}
