// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { KnownAnswer } from "../interfaces/IModelRegistry.sol";
import { IoSpecLib } from "../types/IoSpec.sol";
import { Signals } from "./Signals.sol";

/// @title  KnownAnswers
/// @notice What a known answer, and a claim against it, says: bytes of public sides, commitments of committed ones.
library KnownAnswers {
    using IoSpecLib for uint256;

    uint256 private constant HASH_BYTES = 32;

    /// @notice Whether both sides have exactly the bytes of the ioSpec.
    function fits(KnownAnswer calldata answer, uint256 ioSpec) internal pure returns (bool) {
        return
            answer.input.length == _lengthOf(ioSpec.inputOf()) && answer.output.length == _lengthOf(ioSpec.outputOf());
    }

    /// @notice Public signals of an answer that fits.
    function signalsOf(
        KnownAnswer calldata answer,
        uint256 ioSpec,
        bytes32 vkHash,
        uint256 bind
    ) internal pure returns (uint256[] memory) {
        return
            Signals.rebuild(
                _partsOf(answer, ioSpec, vkHash, bind),
                _open(answer.input, ioSpec.inputOf()),
                _open(answer.output, ioSpec.outputOf())
            );
    }

    /// @notice Public signals of the same inference with another output, which its proof must not fit.
    function flippedSignalsOf(
        KnownAnswer calldata answer,
        uint256 ioSpec,
        bytes32 vkHash,
        uint256 bind
    ) internal pure returns (uint256[] memory) {
        return
            Signals.rebuildFlipped(
                _partsOf(answer, ioSpec, vkHash, bind),
                _open(answer.input, ioSpec.inputOf()),
                _open(answer.output, ioSpec.outputOf())
            );
    }

    /// @notice Whether a claim, once proven, shows that the key proves what no honest prover could: for the canary's
    /// input another output, or a commitment to an output that nobody can have made.
    /// @dev One output has a commitment for every salt, so another commitment shows nothing. `bind` is a hash of the
    /// claimant: who knows an output and a salt whose commitment it is has inverted the commitment.
    function contradicts(
        KnownAnswer calldata claim,
        KnownAnswer calldata canary,
        uint256 ioSpec,
        uint256 bind
    ) internal pure returns (bool) {
        if (claim.output.length != canary.output.length || keccak256(claim.input) != keccak256(canary.input)) {
            return false;
        }
        if (ioSpec.outputOf().isCommitted()) return uint256(bytes32(claim.output)) == bind;
        return keccak256(claim.output) != keccak256(canary.output);
    }

    function _partsOf(
        KnownAnswer calldata answer,
        uint256 ioSpec,
        bytes32 vkHash,
        uint256 bind
    ) private pure returns (Signals.Parts memory) {
        // Of a public side this is the start of its bytes, which nothing reads.
        return Signals.Parts(ioSpec, vkHash, bind, answer.c, bytes32(answer.input), bytes32(answer.output));
    }

    /// @dev The bytes that words are made of.
    function _open(bytes calldata data, uint256 side) private pure returns (bytes calldata) {
        return side.isCommitted() ? data[:0] : data;
    }

    function _lengthOf(uint256 side) private pure returns (uint256) {
        return side.isCommitted() ? HASH_BYTES : side.byteLength();
    }
}
