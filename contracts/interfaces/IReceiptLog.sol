// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice One posted Merkle tree of receipts. 2 slots.
struct ReceiptBatch {
    // slot 0
    bytes32 root; // sorted pairs; leaves of libraries/ReceiptLeaf.sol
    // slot 1 (8 + 4 + 1 + 5 = 18)
    uint64 firstSequence; // of the executor's own count of receipts, which starts at 0
    uint32 count; // leaves: the sequences firstSequence .. firstSequence + count - 1
    uint8 depth; // siblings on the longest way from a leaf to the root
    uint40 postedAt; // unix seconds
}

/// @notice What is posted of a batch.
struct BatchDraft {
    bytes32 root;
    uint64 firstSequence; // nextSequence of the executor: said, so that no batch is posted twice
    uint32 count; // leaves, at least 1
    uint8 depth; // the least with count <= 2^depth
    string data; // where the leaves can be read (a URI); may be empty
}

/// @notice What one leaf stands for.
struct ReceiptEntry {
    address executor;
    uint64 sequence;
    bytes32 digest; // EIP-712 digest of the statement
    bytes32 receiptHash; // keccak256(JCS(receipt without evidence, registry, attestation, settlement))
}

/// @notice A leaf, and the way from it to a stored root.
struct Inclusion {
    ReceiptEntry entry;
    uint256 batch; // number of the batch among the executor's, from 0
    bytes32[] proof; // siblings, from the leaf up
}

/// @title  ReceiptLog
/// @notice Merkle roots of receipts. Each executor numbers its receipts and posts them in order without gaps, so that a
/// receipt that is left out, or given twice, can be shown to everybody.
/// @dev A leaf is proven against a stored root only, within its batch's range and depth. The log says when a receipt was
/// recorded, not that it is true: that is for its evidence. Only an executor, or whom it named, posts in its name.
interface IReceiptLog {
    event PosterSet(address indexed executor, address indexed poster, bool allowed);
    event BatchPosted(
        address indexed executor,
        uint256 indexed batch,
        bytes32 indexed root,
        uint64 firstSequence,
        uint32 count,
        uint8 depth,
        string data
    );
    /// @notice The executor gave one sequence to two receipts, or recorded one statement twice.
    event DoubleInclusion(address indexed executor, ReceiptEntry first, ReceiptEntry second);

    error NotAPoster(address executor, address caller);
    error RootIsZero();
    /// @notice No leaves, or a depth that is not the least one for this many.
    error CountInvalid(uint32 count, uint8 depth);
    /// @notice A batch starts right behind the last one.
    error SequenceNotNext(address executor, uint64 expected, uint64 actual);
    error BatchUnknown(address executor, uint256 batch, uint256 batches);
    error SequenceNotInBatch(uint64 sequence, uint64 first, uint64 last);
    error ProofTooLong(uint256 length, uint8 depth);
    error ReceiptNotIncluded(bytes32 leaf, bytes32 root);
    /// @notice The entries are of two executors, or contradict each other in nothing.
    error NotDouble();

    /// @notice Names, or no longer names, who may post for the caller: an account that pays gas and nothing else.
    function setPoster(address poster, bool allowed) external;

    /// @notice Posts an executor's next batch.
    /// @return batch Number of the batch among the executor's, from 0.
    function post(address executor, BatchDraft calldata draft) external returns (uint256 batch);

    /// @notice Records for everybody that an executor contradicted itself. Anybody may call.
    function reportDouble(Inclusion calldata first, Inclusion calldata second) external;

    /// @notice Reverts unless a stored batch of the executor holds this entry.
    /// @return postedAt When the batch was posted, unix seconds.
    function requireIncluded(Inclusion calldata inclusion) external view returns (uint40 postedAt);

    /// @notice One batch; reverts BatchUnknown.
    function batchOf(address executor, uint256 batch) external view returns (ReceiptBatch memory);
    function batchesOf(address executor) external view returns (uint256);
    /// @notice Sequence that the executor's next batch starts with: all below are recorded.
    function nextSequence(address executor) external view returns (uint64);
    function isPoster(address executor, address poster) external view returns (bool);
}
