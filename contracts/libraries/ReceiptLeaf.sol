// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ReceiptEntry } from "../interfaces/IReceiptLog.sol";
import { TAG_LEAF } from "../types/Constants.sol";

/// @title  ReceiptLeaf
/// @notice Leaf of a receipt in a Merkle batch; offchain/protocol/receipt/batch.ts computes the same.
library ReceiptLeaf {
    /// @notice Hashed twice, so that no inner node (64 bytes hashed once) is a leaf.
    function hash(ReceiptEntry calldata entry) internal pure returns (bytes32) {
        bytes32 inner = keccak256(
            abi.encode(TAG_LEAF, entry.executor, entry.sequence, entry.digest, entry.receiptHash)
        );
        return keccak256(bytes.concat(inner));
    }
}
