// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MerkleProof } from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { BatchDraft, Inclusion, IReceiptLog, ReceiptBatch, ReceiptEntry } from "../interfaces/IReceiptLog.sol";
import { ReceiptLeaf } from "../libraries/ReceiptLeaf.sol";

/// @title  ReceiptLog
/// @notice Merkle roots of receipts, one unbroken count per executor. Append-only, and without an admin.
contract ReceiptLog is IReceiptLog {
    using ReceiptLeaf for ReceiptEntry;

    mapping(address executor => ReceiptBatch[]) private _batches;
    /// @inheritdoc IReceiptLog
    mapping(address executor => uint64) public override nextSequence;
    /// @inheritdoc IReceiptLog
    mapping(address executor => mapping(address poster => bool)) public override isPoster;

    /// @inheritdoc IReceiptLog
    function setPoster(address poster, bool allowed) external {
        isPoster[msg.sender][poster] = allowed;
        emit PosterSet(msg.sender, poster, allowed);
    }

    /// @inheritdoc IReceiptLog
    function post(address executor, BatchDraft calldata draft) external returns (uint256 batch) {
        if (msg.sender != executor && !isPoster[executor][msg.sender]) revert NotAPoster(executor, msg.sender);
        if (draft.root == 0) revert RootIsZero();
        (uint64 firstSequence, uint32 count, uint8 depth) = (draft.firstSequence, draft.count, draft.depth);
        if (count == 0 || depth != Math.log2(count, Math.Rounding.Ceil)) revert CountInvalid(count, depth);
        uint64 expected = nextSequence[executor];
        if (firstSequence != expected) revert SequenceNotNext(executor, expected, firstSequence);

        ReceiptBatch[] storage batches = _batches[executor];
        batch = batches.length;
        batches.push(ReceiptBatch(draft.root, firstSequence, count, depth, uint40(block.timestamp)));
        nextSequence[executor] = expected + count;
        emit BatchPosted(executor, batch, draft.root, firstSequence, count, depth, draft.data);
    }

    /// @inheritdoc IReceiptLog
    function reportDouble(Inclusion calldata first, Inclusion calldata second) external {
        ReceiptEntry calldata a = first.entry;
        ReceiptEntry calldata b = second.entry;
        bool isSameSequence = a.sequence == b.sequence;
        bool isSameReceipt = a.digest == b.digest && a.receiptHash == b.receiptHash;
        bool isDouble = isSameSequence ? !isSameReceipt : a.digest == b.digest;
        if (a.executor != b.executor || !isDouble) revert NotDouble();
        requireIncluded(first);
        requireIncluded(second);

        emit DoubleInclusion(a.executor, a, b);
    }

    /// @inheritdoc IReceiptLog
    function batchOf(address executor, uint256 batch) external view returns (ReceiptBatch memory) {
        return _batchOf(executor, batch);
    }

    /// @inheritdoc IReceiptLog
    function batchesOf(address executor) external view returns (uint256) {
        return _batches[executor].length;
    }

    /// @inheritdoc IReceiptLog
    function requireIncluded(Inclusion calldata inclusion) public view returns (uint40 postedAt) {
        ReceiptEntry calldata entry = inclusion.entry;
        ReceiptBatch memory batch = _batchOf(entry.executor, inclusion.batch);
        uint64 last = batch.firstSequence + batch.count - 1;
        if (entry.sequence < batch.firstSequence || entry.sequence > last) {
            revert SequenceNotInBatch(entry.sequence, batch.firstSequence, last);
        }
        uint256 length = inclusion.proof.length;
        if (length > batch.depth) revert ProofTooLong(length, batch.depth);
        bytes32 leaf = entry.hash();
        if (!MerkleProof.verifyCalldata(inclusion.proof, batch.root, leaf)) revert ReceiptNotIncluded(leaf, batch.root);
        return batch.postedAt;
    }

    function _batchOf(address executor, uint256 batch) private view returns (ReceiptBatch storage) {
        ReceiptBatch[] storage batches = _batches[executor];
        if (batch >= batches.length) revert BatchUnknown(executor, batch, batches.length);
        return batches[batch];
    }
}
