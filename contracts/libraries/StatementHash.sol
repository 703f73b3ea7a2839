// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Statement, STATEMENT_TYPEHASH } from "../types/Statement.sol";

/// @title  StatementHash
/// @notice `Statement.structHash` of a statement in calldata, without taking it apart and putting it together again.
library StatementHash {
    /// @dev Bytes of the ten words of a statement.
    uint256 private constant STATEMENT_BYTES = 0x140;

    /// @notice EIP-712 struct hash of a statement (without the domain).
    function structHash(Statement calldata statement) internal pure returns (bytes32 hash) {
        bytes32 typeHash = STATEMENT_TYPEHASH;
        // Reading a narrow field reverts when its word has higher bits, so the words hashed are the ones that ABI
        // encoding gives. All ten words lie in the calldata: the ABI decoder has checked it.
        (statement.executor, statement.issuedAt, statement.round, statement.resultCode);
        // Writes behind the free memory pointer and leaves it where it is.
        assembly ("memory-safe") {
            let preimage := mload(0x40)
            mstore(preimage, typeHash)
            calldatacopy(add(preimage, 0x20), statement, STATEMENT_BYTES)
            hash := keccak256(preimage, add(STATEMENT_BYTES, 0x20))
        }
    }
}
