// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../../../contracts/interfaces/IEvidenceGate.sol";
import { Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { GateCall } from "../../../contracts/libraries/GateCall.sol";
import { RequestIds } from "../../../contracts/libraries/RequestIds.sol";
import { Answer, Ask, Evidence, Signers } from "../../../contracts/types/Evidence.sol";
import { Statement } from "../../../contracts/types/Statement.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";

/// @notice Reverts with the hash of all that it understood, or answers a number, or nothing.
contract EchoGate {
    error Echo(bytes32 heard);

    function check(Answer calldata answer, Ask calldata ask, Evidence[] calldata evidence) external pure {
        if (ask.policy == 0) {
            assembly ("memory-safe") {
                mstore(0x00, 0x8011)
                return(0x00, 0x20)
            }
        }
        if (ask.policy == 1) return;
        revert Echo(keccak256(abi.encode(answer, ask, evidence)));
    }

    function meetable(Ask calldata ask) external pure {
        if (ask.policy == 0) {
            assembly ("memory-safe") {
                mstore(0x00, 0x0003)
                mstore(0x20, 1)
                return(0x00, 0x40)
            }
        }
        if (ask.policy == 1) return;
        revert Echo(keccak256(abi.encode(ask)));
    }
}

/// @notice The same calls, once by the library and once typed.
contract Twins {
    using GateCall for IEvidenceGate;

    IEvidenceGate private immutable gate;

    constructor(EchoGate gate_) {
        gate = IEvidenceGate(address(gate_));
    }

    function checkFast(
        uint256,
        Terms calldata terms,
        Answer calldata answer,
        Evidence[] calldata evidence
    ) external view returns (uint16) {
        bytes memory kept = abi.encode(terms.modelId);
        uint16 present = gate.checkAgainst(terms, answer, evidence);
        assert(keccak256(kept) == keccak256(abi.encode(terms.modelId)));
        return present;
    }

    function checkPlain(
        uint256,
        Terms calldata terms,
        Answer calldata answer,
        Evidence[] calldata evidence
    ) external view returns (uint16) {
        return gate.check(answer, askOf(terms), evidence);
    }

    function meetableFast(Terms calldata terms) external view returns (uint16, bool) {
        bytes memory kept = abi.encode(terms.modelId);
        (uint16 clauses, bool inputCommitted) = gate.meetableFor(terms);
        assert(keccak256(kept) == keccak256(abi.encode(terms.modelId)));
        return (clauses, inputCommitted);
    }

    function meetablePlain(Terms calldata terms) external view returns (uint16, bool) {
        return gate.meetable(askOf(terms));
    }

    function termsHashFast(Terms calldata terms) external pure returns (bytes32) {
        return RequestIds.termsHash(terms);
    }

    function termsHashPlain(Terms calldata terms) external pure returns (bytes32) {
        return keccak256(abi.encode(terms));
    }

    function askOf(Terms calldata terms) private pure returns (Ask memory) {
        return Ask(terms.modelId, terms.configHash, terms.policy, Signers(terms.executors, terms.minStakeWei));
    }
}

/// @notice S11: GateCall and RequestIds.termsHash against their plain twins.
contract GateCallTest {
    Twins private twins;

    function setUp() public {
        twins = new Twins(new EchoGate());
    }

    function testFuzz_checkAgainst_sendsWhatTheTypedCallSends(
        Terms memory terms,
        Statement memory statement,
        bytes memory input,
        bytes memory output,
        Evidence[] memory evidence
    ) public view {
        if (terms.policy < 2) terms.policy = 2;
        Answer memory answer = Answer(statement, input, output);

        (bool okFast, bytes memory fast) = ask(abi.encodeCall(twins.checkFast, (1, terms, answer, evidence)));
        (bool okPlain, bytes memory plain) = ask(abi.encodeCall(twins.checkPlain, (1, terms, answer, evidence)));

        vm.assertFalse(okFast);
        vm.assertFalse(okPlain);
        vm.assertEq(fast, plain);
        vm.assertEq(fast, echo(abi.encode(answer, askOf(terms), evidence)));
    }

    function testFuzz_meetableFor_sendsWhatTheTypedCallSends(Terms memory terms) public view {
        if (terms.policy < 2) terms.policy = 2;

        (, bytes memory fast) = ask(abi.encodeCall(twins.meetableFast, (terms)));
        (, bytes memory plain) = ask(abi.encodeCall(twins.meetablePlain, (terms)));

        vm.assertEq(fast, plain);
        vm.assertEq(fast, echo(abi.encode(askOf(terms))));
    }

    function test_meetableFor_returnsBothWords() public view {
        Terms memory terms;
        (uint16 clauses, bool inputCommitted) = twins.meetableFast(terms);
        vm.assertEq(clauses, 3);
        vm.assertTrue(inputCommitted);
    }

    function test_checkAgainst_returnsTheMask() public view {
        Terms memory terms;
        Answer memory answer;
        vm.assertEq(twins.checkFast(1, terms, answer, new Evidence[](0)), 0x8011);
    }

    function test_checkAgainst_RevertWhen_GateAnswersNothing() public view {
        Terms memory terms;
        terms.policy = 1;
        Answer memory answer;

        (bool ok, ) = ask(abi.encodeCall(twins.checkFast, (1, terms, answer, new Evidence[](0))));
        vm.assertFalse(ok);
        (ok, ) = ask(abi.encodeCall(twins.meetableFast, (terms)));
        vm.assertFalse(ok);
    }

    function testFuzz_termsHash_isTheHashOfTheEncoding(Terms memory terms) public view {
        vm.assertEq(twins.termsHashFast(terms), keccak256(abi.encode(terms)));
    }

    /// @dev The same terms with their list somewhere else in calldata are the same terms.
    function testFuzz_termsHash_ofUnusualCalldata(Terms memory terms, uint256 gap) public view {
        bytes memory usual = abi.encode(terms);
        uint256 gapBytes = 32 * bound(gap, 1, 8);
        bytes memory unusual = bytes.concat(
            abi.encodePacked(twins.termsHashFast.selector),
            slice(usual, 0, 0xa0),
            bytes32(0x180 + gapBytes),
            slice(usual, 0xc0, 0x1a0),
            new bytes(gapBytes),
            slice(usual, 0x1a0, usual.length)
        );

        (bool ok, bytes memory hash) = ask(unusual);

        vm.assertTrue(ok);
        vm.assertEq(abi.decode(hash, (bytes32)), keccak256(usual));
    }

    /// @dev A term with dirty upper bits never has the id of a clean one, so it finds no request.
    function testFuzz_termsHash_ofDirtyCalldata(Terms memory terms, uint256 dirt) public view {
        bytes memory data = abi.encodeCall(twins.termsHashFast, (terms));
        data[4 + 0x20 + 7 * 32 + bound(dirt, 0, 11)] = 0xff; // upper bytes of the word of `token`

        (bool ok, bytes memory hash) = ask(data);

        vm.assertTrue(ok);
        vm.assertNotEq(abi.decode(hash, (bytes32)), keccak256(abi.encode(terms)));
    }

    function ask(bytes memory data) private view returns (bool ok, bytes memory returned) {
        return address(twins).staticcall(data);
    }

    function askOf(Terms memory terms) private pure returns (Ask memory) {
        return Ask(terms.modelId, terms.configHash, terms.policy, Signers(terms.executors, terms.minStakeWei));
    }

    function echo(bytes memory heard) private pure returns (bytes memory) {
        return abi.encodeWithSelector(EchoGate.Echo.selector, keccak256(heard));
    }

    function slice(bytes memory data, uint256 from, uint256 to) private pure returns (bytes memory part) {
        part = new bytes(to - from);
        for (uint256 i = from; i < to; ++i) part[i - from] = data[i];
    }
}
