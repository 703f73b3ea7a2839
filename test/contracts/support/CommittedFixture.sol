// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { KnownAnswer, ModelSpec, Setup, SetupKind } from "../../../contracts/interfaces/IModelRegistry.sol";
import { IoSpecLib } from "../../../contracts/types/IoSpec.sol";
import { Answer, Evidence } from "../../../contracts/types/Evidence.sol";
import { ForgeableKey } from "./ForgeableKey.sol";
import { GateFixture } from "./GateFixture.sol";
import { PlainSignals } from "./PlainSignals.sol";

/// @title  CommittedFixture
/// @notice Models with committed sides, their answers and their forged proofs. A bit set of sides says which are
/// committed; the input is large, so that what is public of it is bound.
abstract contract CommittedFixture is GateFixture {
    uint256 internal constant INPUT_SIDE = 1;
    uint256 internal constant OUTPUT_SIDE = 2;
    uint256 internal constant BOTH_SIDES = 3;
    uint256 internal constant SEED = 77;
    uint256 private constant C = 6;

    function specOf(uint256 sides) internal view returns (ModelSpec memory spec) {
        spec = aSpec(boundInput(), packedOutput(), keccak256(keyFor(sides)));
        spec.ioSpec = ioSpecOf(sides);
    }

    function ioSpecOf(uint256 sides) internal pure returns (uint256 spec) {
        spec = PlainSignals.ioSpec(boundInput(), packedOutput());
        if (sides & INPUT_SIDE != 0) spec |= PlainSignals.COMMITTED_INPUT;
        if (sides & OUTPUT_SIDE != 0) spec |= PlainSignals.COMMITTED_OUTPUT;
    }

    function keyFor(uint256 sides) internal view returns (bytes memory) {
        return ForgeableKey.keyBytes(SEED + sides, IoSpecLib.signalCount(ioSpecOf(sides)));
    }

    function registerCommitted(uint256 sides) internal returns (bytes32) {
        return
            models.register(
                specOf(sides),
                Setup(SetupKind.Single, 0),
                keyFor(sides),
                knownOf(sides),
                publishedAt("ipfs://committed")
            );
    }

    /// @dev Commitments in place of the bytes of committed sides.
    function knownOf(uint256 sides) internal view returns (KnownAnswer memory known) {
        known.input = sides & INPUT_SIDE != 0 ? abi.encode(uint256(111)) : someBytes(boundInput(), 1);
        known.output = sides & OUTPUT_SIDE != 0 ? abi.encode(uint256(222)) : someBytes(packedOutput(), 2);
        known.c = C;
        known.proof = proofFor(sides, known.input, known.output, unboundBind(sides));
    }

    /// @dev A proof over bytes, and over 32 bytes of commitment in place of those of a committed side.
    function proofFor(
        uint256 sides,
        bytes memory input,
        bytes memory output,
        uint256 bind
    ) internal view returns (uint256[8] memory) {
        return ForgeableKey.prove(SEED + sides, signalsFor(sides, input, output, bind), 0);
    }

    function signalsFor(
        uint256 sides,
        bytes memory input,
        bytes memory output,
        uint256 bind
    ) internal view returns (uint256[] memory) {
        PlainSignals.Side memory x = boundInput();
        PlainSignals.Side memory y = packedOutput();
        uint256[] memory hashes = new uint256[](
            sides == 0
                ? 0
                : sides == BOTH_SIDES
                    ? 2
                    : 1
        );
        uint256 next;
        if (sides & INPUT_SIDE != 0) (x, hashes[next++]) = (PlainSignals.hidden(x), uint256(bytes32(input)));
        if (sides & OUTPUT_SIDE != 0) (y, hashes[next]) = (PlainSignals.hidden(y), uint256(bytes32(output)));
        bytes32 vkHash = keccak256(keyFor(sides));
        return PlainSignals.withHashes(PlainSignals.signalsOf(x, y, input, output, vkHash, bind, C), hashes);
    }

    function unboundBind(uint256 sides) internal view returns (uint256) {
        return uint256(keccak256(abi.encode(keccak256("assay.unbound.v1"), keccak256(keyFor(sides))))) >> 3;
    }

    /// @dev The answer of a committed model: no bytes of committed sides, their commitments as hashes.
    function committedAnswer(bytes32 modelId, uint256 sides) internal view returns (Answer memory answer) {
        answer = anAnswer(packedModel);
        answer.statement.modelId = modelId;
        answer.input = sides & INPUT_SIDE != 0 ? bytes("") : someBytes(boundInput(), 3);
        answer.output = sides & OUTPUT_SIDE != 0 ? bytes("") : someBytes(packedOutput(), 4);
        answer.statement.inputHash = sides & INPUT_SIDE != 0 ? bytes32(uint256(333)) : keccak256(answer.input);
        answer.statement.outputHash = sides & OUTPUT_SIDE != 0 ? bytes32(uint256(444)) : keccak256(answer.output);
    }

    /// @dev A proof of exactly this answer.
    function provenCommitted(Answer memory answer, uint256 sides) internal view returns (Evidence memory) {
        bytes memory input = sides & INPUT_SIDE != 0 ? abi.encode(answer.statement.inputHash) : answer.input;
        bytes memory output = sides & OUTPUT_SIDE != 0 ? abi.encode(answer.statement.outputHash) : answer.output;
        uint256 bind = uint256(gate.digestOf(answer.statement)) >> 3;
        uint256[8] memory proof = proofFor(sides, input, output, bind);
        return Evidence(4, IoSpecLib.isBound(ioSpecOf(sides)) ? abi.encode(proof, C) : abi.encode(proof));
    }
}
