// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {
    BatchDraft,
    Inclusion,
    IReceiptLog,
    ReceiptBatch,
    ReceiptEntry
} from "../../../contracts/interfaces/IReceiptLog.sol";
import { ReceiptLeaf } from "../../../contracts/libraries/ReceiptLeaf.sol";
import { ReceiptLog } from "../../../contracts/settlement/ReceiptLog.sol";
import { vm } from "../support/Vm.sol";

contract ReceiptLogTest {
    uint256 private constant NOW = 1_800_000_000;
    address private constant EXECUTOR = address(0xe8ec);
    address private constant POSTER = address(0x905);
    bytes32 private constant ROOT = keccak256("root");

    ReceiptLog private log;

    function setUp() public {
        vm.warp(NOW);
        log = new ReceiptLog();
    }

    function test_post_storesBatchAndGoesOn() public {
        vm.expectEmit(address(log));
        emit IReceiptLog.BatchPosted(EXECUTOR, 0, ROOT, 0, 5, 3, "ipfs://leaves");
        uint256 first = post(BatchDraft(ROOT, 0, 5, 3, "ipfs://leaves"));
        uint256 second = post(BatchDraft(keccak256("next"), 5, 1, 0, ""));

        ReceiptBatch memory batch = log.batchOf(EXECUTOR, second);
        vm.assertEq(first, 0);
        vm.assertEq(log.batchesOf(EXECUTOR), 2);
        vm.assertEq(log.nextSequence(EXECUTOR), 6);
        vm.assertEq(batch.firstSequence, 5);
        vm.assertEq(batch.count, 1);
        vm.assertEq(batch.postedAt, NOW);
        vm.assertEq(log.nextSequence(POSTER), 0);
    }

    function test_post_byPosterItNamed() public {
        vm.prank(EXECUTOR);
        vm.expectEmit(address(log));
        emit IReceiptLog.PosterSet(EXECUTOR, POSTER, true);
        log.setPoster(POSTER, true);
        vm.prank(POSTER);
        log.post(EXECUTOR, BatchDraft(ROOT, 0, 1, 0, ""));
        vm.prank(EXECUTOR);
        log.setPoster(POSTER, false);

        vm.assertEq(log.nextSequence(EXECUTOR), 1);
        vm.expectRevert(abi.encodeWithSelector(IReceiptLog.NotAPoster.selector, EXECUTOR, POSTER));
        vm.prank(POSTER);
        log.post(EXECUTOR, BatchDraft(ROOT, 1, 1, 0, ""));
    }

    function test_post_RevertWhen_RootIsZero() public {
        expectRefusal(BatchDraft(0, 0, 1, 0, ""), abi.encodeWithSelector(IReceiptLog.RootIsZero.selector));
    }

    function test_post_RevertWhen_CountInvalid() public {
        expectCountInvalid(0, 0);
        expectCountInvalid(1, 1);
        expectCountInvalid(4, 3);
        expectCountInvalid(5, 2);
        expectCountInvalid(type(uint32).max, 31);
    }

    function test_post_RevertWhen_SequenceNotNext() public {
        post(BatchDraft(ROOT, 0, 4, 2, ""));

        for (uint64 wrong; wrong < 9; ++wrong) {
            if (wrong == 4) continue;
            bytes memory refusal = abi.encodeWithSelector(
                IReceiptLog.SequenceNotNext.selector,
                EXECUTOR,
                uint64(4),
                wrong
            );
            expectRefusal(BatchDraft(ROOT, wrong, 1, 0, ""), refusal);
        }
    }

    function test_requireIncluded_findsEveryLeaf() public {
        Inclusion[3] memory leaves = postThree();

        for (uint256 i; i < 3; ++i) vm.assertEq(log.requireIncluded(leaves[i]), NOW);
    }

    function test_requireIncluded_RevertWhen_BatchUnknown() public {
        Inclusion memory leaf = postThree()[0];
        leaf.batch = 1;

        vm.expectRevert(abi.encodeWithSelector(IReceiptLog.BatchUnknown.selector, EXECUTOR, 1, 1));
        log.requireIncluded(leaf);
        leaf.batch = 0;
        leaf.entry.executor = POSTER;
        vm.expectRevert(abi.encodeWithSelector(IReceiptLog.BatchUnknown.selector, POSTER, 0, 0));
        log.requireIncluded(leaf);
    }

    function test_requireIncluded_RevertWhen_SequenceNotInBatch() public {
        Inclusion memory leaf = postThree()[0];
        leaf.entry.sequence = 3;

        vm.expectRevert(
            abi.encodeWithSelector(IReceiptLog.SequenceNotInBatch.selector, uint64(3), uint64(0), uint64(2))
        );
        log.requireIncluded(leaf);
    }

    function test_requireIncluded_RevertWhen_ProofTooLong() public {
        Inclusion memory leaf = postThree()[0];
        leaf.proof = new bytes32[](3);

        vm.expectRevert(abi.encodeWithSelector(IReceiptLog.ProofTooLong.selector, 3, uint8(2)));
        log.requireIncluded(leaf);
    }

    function test_requireIncluded_RevertWhen_AnyFieldChanged() public {
        Inclusion[3] memory leaves = postThree();
        leaves[0].entry.sequence = 1;
        leaves[1].entry.digest ^= bytes32(uint256(1));
        leaves[2].entry.receiptHash ^= bytes32(uint256(1));

        for (uint256 i; i < 3; ++i) expectNotIncluded(leaves[i]);
    }

    function test_requireIncluded_RevertWhen_LeafIsInnerNode() public {
        // An inner node hashes 64 bytes once, a leaf hashes 32 bytes twice: no entry hashes to a node.
        Inclusion memory leaf = postThree()[0];
        bytes32[] memory shorter = new bytes32[](1);
        shorter[0] = leaf.proof[1];
        leaf.proof = shorter;

        expectNotIncluded(leaf);
    }

    function test_reportDouble_emitsForOneSequenceOfTwoReceipts() public {
        Inclusion[3] memory leaves = postEntries(entryAt(0, "a"), entryAt(1, "b"), entryAt(1, "c"));

        vm.expectEmit(address(log));
        emit IReceiptLog.DoubleInclusion(EXECUTOR, leaves[1].entry, leaves[2].entry);
        log.reportDouble(leaves[1], leaves[2]);
    }

    function test_reportDouble_emitsForOneStatementOfTwoSequences() public {
        Inclusion[3] memory leaves = postEntries(entryAt(0, "a"), entryAt(1, "b"), entryAt(2, "b"));
        leaves[2].entry.receiptHash = leaves[1].entry.receiptHash;

        vm.expectEmit(address(log));
        emit IReceiptLog.DoubleInclusion(EXECUTOR, leaves[1].entry, leaves[2].entry);
        log.reportDouble(leaves[1], leaves[2]);
    }

    function test_reportDouble_RevertWhen_NotDouble() public {
        Inclusion[3] memory leaves = postThree();
        Inclusion memory other = leaves[1];

        vm.expectRevert(abi.encodeWithSelector(IReceiptLog.NotDouble.selector));
        log.reportDouble(leaves[0], leaves[1]);
        vm.expectRevert(abi.encodeWithSelector(IReceiptLog.NotDouble.selector));
        log.reportDouble(leaves[0], leaves[0]);
        other.entry.executor = POSTER;
        other.entry.digest = leaves[0].entry.digest;
        vm.expectRevert(abi.encodeWithSelector(IReceiptLog.NotDouble.selector));
        log.reportDouble(leaves[0], other);
    }

    function test_reportDouble_RevertWhen_NotIncluded() public {
        Inclusion[3] memory leaves = postThree();
        Inclusion memory invented = leaves[1];
        invented.entry.sequence = 0;

        vm.expectRevert(
            abi.encodeWithSelector(IReceiptLog.ReceiptNotIncluded.selector, this.leafOf(invented.entry), rootNow())
        );
        log.reportDouble(leaves[0], invented);
    }

    /// @dev The library takes calldata.
    function leafOf(ReceiptEntry calldata entry) external pure returns (bytes32) {
        return ReceiptLeaf.hash(entry);
    }

    function postThree() private returns (Inclusion[3] memory) {
        return postEntries(entryAt(0, "a"), entryAt(1, "b"), entryAt(2, "c"));
    }

    /// @dev The tree of three: ((0, 1), 2), the odd one promoted.
    function postEntries(
        ReceiptEntry memory a,
        ReceiptEntry memory b,
        ReceiptEntry memory c
    ) private returns (Inclusion[3] memory leaves) {
        (bytes32 hashA, bytes32 hashB, bytes32 hashC) = (this.leafOf(a), this.leafOf(b), this.leafOf(c));
        bytes32 inner = parentOf(hashA, hashB);
        post(BatchDraft(parentOf(inner, hashC), 0, 3, 2, ""));
        leaves[0] = Inclusion(a, 0, proofOf(hashB, hashC));
        leaves[1] = Inclusion(b, 0, proofOf(hashA, hashC));
        leaves[2] = Inclusion(c, 0, proofOf(inner, 0));
        bytes32[] memory single = new bytes32[](1);
        single[0] = inner;
        leaves[2].proof = single;
    }

    function entryAt(uint64 sequence, string memory seed) private pure returns (ReceiptEntry memory) {
        return ReceiptEntry(EXECUTOR, sequence, keccak256(bytes(seed)), keccak256("receipt"));
    }

    function proofOf(bytes32 first, bytes32 second) private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](2);
        (proof[0], proof[1]) = (first, second);
    }

    function parentOf(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
    }

    function rootNow() private view returns (bytes32) {
        return log.batchOf(EXECUTOR, 0).root;
    }

    function expectNotIncluded(Inclusion memory leaf) private {
        bytes32 root = rootNow();
        vm.expectRevert(abi.encodeWithSelector(IReceiptLog.ReceiptNotIncluded.selector, this.leafOf(leaf.entry), root));
        log.requireIncluded(leaf);
    }

    function expectCountInvalid(uint32 count, uint8 depth) private {
        bytes memory refusal = abi.encodeWithSelector(IReceiptLog.CountInvalid.selector, count, depth);
        expectRefusal(BatchDraft(ROOT, 0, count, depth, ""), refusal);
    }

    function expectRefusal(BatchDraft memory draft, bytes memory refusal) private {
        vm.expectRevert(refusal);
        post(draft);
    }

    function post(BatchDraft memory draft) private returns (uint256) {
        vm.prank(EXECUTOR);
        return log.post(EXECUTOR, draft);
    }
}
