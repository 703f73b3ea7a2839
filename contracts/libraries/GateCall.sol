// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../interfaces/IEvidenceGate.sol";
import { IInferenceHub, Terms } from "../interfaces/IInferenceHub.sol";
import { Answer, Evidence } from "../types/Evidence.sol";

/// @title  GateCall
/// @notice `gate.check` and `gate.meetable` for what is in calldata already, word for word instead of decoded and
/// encoded again: 4,000 gas less per delivery, 1,000 less per request. test/contracts/hub/gate-call.t.sol holds both
/// against the typed calls.
/// @dev `check` sends: selector · offsets of answer, ask, evidence · all arguments of the current call · the ask.
/// Offsets inside a struct count from its start, so a copy that moves everything by the same distance stays
/// well-formed. The gate decodes and bounds everything; what a malformed offset can reach besides is the ask, and bytes
/// from there are as much the caller's choice as any other. Offsets are signed, though: one that leads in front of the
/// arguments finds other bytes there than in the current call. The statement lies in place and is the same in both; who
/// uses the output makes sure by `requireSeen` that the gate saw it.
library GateCall {
    /// @dev Where bytes can start in calldata: behind the selector and their length.
    uint256 private constant FIRST_BYTES = 0x24;

    /// @notice `gate.check(answer, ask of terms, evidence)`; reverts as the gate does.
    /// @return present Mask of families, and bits 14 and 15.
    function checkAgainst(
        IEvidenceGate gate,
        Terms calldata terms,
        Answer calldata answer,
        Evidence[] calldata evidence
    ) internal view returns (uint16 present) {
        bytes4 selector = IEvidenceGate.check.selector;
        uint256 start;
        uint256 ask;
        // Memory-safe: writes above the free memory pointer only, and nothing allocates before the call. Arguments
        // start at 0x04 here and at 0x64 there, while offsets count from 0x04: hence + 0x60 - 0x04, and a list lies
        // 0x20 before its first element.
        assembly ("memory-safe") {
            let size := sub(calldatasize(), 0x04)
            start := mload(0x40)
            ask := add(add(start, 0x64), size)
            mstore(start, selector)
            mstore(add(start, 0x04), add(answer, 0x5c))
            mstore(add(start, 0x24), add(size, 0x60))
            mstore(add(start, 0x44), add(evidence.offset, 0x3c))
            calldatacopy(add(start, 0x64), 0x04, size)
        }
        (present, ) = _call(gate, start, _writeAsk(ask, terms), 0x20);
    }

    /// @notice Reverts unless `output`, taken out of an answer in the current call, is what `checkAgainst` shows the gate.
    /// @dev Its length and its bytes lie behind the selector, and the decoder has found them within the calldata: both
    /// are copied, and the offset that leads to them leads to the copy. A hash would not do: a committed output has no
    /// bytes, and its hash is none of theirs.
    function requireSeen(bytes calldata output) internal pure {
        uint256 start;
        // Reads nothing.
        assembly ("memory-safe") {
            start := output.offset
        }
        if (start < FIRST_BYTES || start > msg.data.length) revert IInferenceHub.OutputMisplaced();
    }

    /// @notice `gate.meetable(ask of terms)`; reverts as the gate does.
    /// @return clauses        Bit i is set when clause i can be met.
    /// @return inputCommitted Whether the model's input is committed.
    function meetableFor(
        IEvidenceGate gate,
        Terms calldata terms
    ) internal view returns (uint16 clauses, bool inputCommitted) {
        bytes4 selector = IEvidenceGate.meetable.selector;
        uint256 start;
        // Memory-safe: as above.
        assembly ("memory-safe") {
            start := mload(0x40)
            mstore(start, selector)
            mstore(add(start, 0x04), 0x20)
        }
        uint256 second;
        (clauses, second) = _call(gate, start, _writeAsk(start + 0x24, terms), 0x40);
        inputCommitted = second != 0;
    }

    /// @dev Writes the ask at `start`: modelId, configHash, policy, 0x80; signers: 0x40, minStakeWei, list of
    /// executors.
    /// @return end Where it ends.
    function _writeAsk(uint256 start, Terms calldata terms) private pure returns (uint256 end) {
        address[] calldata executors = terms.executors;
        uint256 minStakeWei = terms.minStakeWei;
        // Memory-safe: `start` lies above the free memory pointer. In bounds: Terms' head was checked when it was
        // decoded, its list when it was read above.
        assembly ("memory-safe") {
            let listBytes := shl(5, executors.length)
            calldatacopy(start, terms, 0x40)
            mstore(add(start, 0x40), calldataload(add(terms, 0x60)))
            mstore(add(start, 0x60), 0x80)
            mstore(add(start, 0x80), 0x40)
            mstore(add(start, 0xa0), minStakeWei)
            mstore(add(start, 0xc0), executors.length)
            calldatacopy(add(start, 0xe0), executors.offset, listBytes)
            end := add(add(start, 0xe0), listBytes)
        }
    }

    /// @dev The gate is fixed, has code and answers one word or two, so only its revert has to be passed on.
    /// @param size 0x20 or 0x40; of one word the second is not to be used.
    function _call(
        IEvidenceGate gate,
        uint256 start,
        uint256 end,
        uint256 size
    ) private view returns (uint16 first, uint256 second) {
        // Memory-safe: the answer goes to scratch space; what is above the free memory pointer is not used again.
        assembly ("memory-safe") {
            let ok := staticcall(gas(), gate, start, sub(end, start), 0x00, size)
            if or(iszero(ok), lt(returndatasize(), size)) {
                returndatacopy(start, 0, returndatasize())
                revert(start, returndatasize())
            }
            first := and(mload(0x00), 0xffff)
            second := mload(0x20)
        }
    }
}
