// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IGroth16Verifier } from "../../../contracts/interfaces/IGroth16Verifier.sol";
import { Bn254 } from "../../../contracts/libraries/Bn254.sol";
import { CodeStore } from "../../../contracts/libraries/CodeStore.sol";
import { Groth16Verifier } from "../../../contracts/verifiers/groth16/Groth16Verifier.sol";
import { bound } from "../support/Bound.sol";
import { ForgeableKey } from "../support/ForgeableKey.sol";
import { vm } from "../support/Vm.sol";

contract Groth16VerifierTest {
    uint256 private constant SEED = 3;
    uint256 private constant GAS_CAP = 400_000;

    Groth16Verifier private verifier;
    address private pointer;

    function setUp() public {
        verifier = new Groth16Verifier();
        pointer = CodeStore.write(ForgeableKey.keyBytes(SEED, 3));
    }

    function test_verify_acceptsProofsOfAnIndependentProver() public {
        for (uint256 i; i < 2; ++i) {
            (bytes memory key, uint256[] memory signals, uint256[8] memory proof) = vectorCase(i);
            address stored = CodeStore.write(key);

            bytes4 magic = verifier.verify(stored, signals, proof);

            vm.assertEq(bytes32(magic), bytes32(IGroth16Verifier.verify.selector));
        }
    }

    function test_verify_RevertWhen_AnySignalOfTheVectorChanges() public {
        for (uint256 i; i < 2; ++i) {
            (bytes memory key, uint256[] memory signals, uint256[8] memory proof) = vectorCase(i);
            address stored = CodeStore.write(key);
            for (uint256 j; j < signals.length; ++j) {
                signals[j] = addmod(signals[j], 1, Bn254.P);
                vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.ProofInvalid.selector));
                verifier.verify(stored, signals, proof);
                signals[j] = addmod(signals[j], Bn254.P - 1, Bn254.P);
            }
        }
    }

    function testFuzz_verify_acceptsEveryProofOfItsSignals(uint256 count, uint256 seed, uint256 nonce) public {
        count = bound(count, 1, 6);
        address stored = CodeStore.write(ForgeableKey.keyBytes(seed, count));
        uint256[] memory signals = someSignals(count, seed);

        verifier.verify(stored, signals, ForgeableKey.prove(seed, signals, nonce % 1000));
    }

    function testFuzz_verify_RevertWhen_ProofIsOfOtherSignals(uint256 index, uint256 change) public {
        uint256[] memory signals = someSignals(3, 1);
        uint256[8] memory proof = ForgeableKey.prove(SEED, signals, 0);
        index = bound(index, 0, 2);
        signals[index] = addmod(signals[index], bound(change, 1, Bn254.P - 1), Bn254.P);

        expectInvalid();
        verifier.verify(pointer, signals, proof);
    }

    function test_verify_RevertWhen_SignalsAreSwapped() public {
        uint256[] memory signals = someSignals(3, 1);
        uint256[8] memory proof = ForgeableKey.prove(SEED, signals, 0);
        (signals[0], signals[1]) = (signals[1], signals[0]);

        expectInvalid();
        verifier.verify(pointer, signals, proof);
    }

    /// @dev T-03: the same signal written with P added, for every position.
    function testFuzz_verify_RevertWhen_SignalIsAliased(uint256 index, uint256 seed) public {
        uint256[] memory signals = someSignals(3, seed);
        uint256[8] memory proof = ForgeableKey.prove(SEED, signals, 0);
        index = bound(index, 0, 2);
        signals[index] += Bn254.P;

        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.SignalNotInField.selector, index, signals[index]));
        verifier.verify(pointer, signals, proof);
    }

    function testFuzz_verify_RevertWhen_SignalNotInField(uint256 index, uint256 value) public {
        uint256[] memory signals = someSignals(3, 1);
        uint256[8] memory proof = ForgeableKey.prove(SEED, signals, 0);
        index = bound(index, 0, 2);
        signals[index] = bound(value, Bn254.P, type(uint256).max);

        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.SignalNotInField.selector, index, signals[index]));
        verifier.verify(pointer, signals, proof);
    }

    function testFuzz_verify_RevertWhen_CoordinateNotInField(uint256 index, uint256 value) public {
        uint256[] memory signals = someSignals(3, 1);
        uint256[8] memory proof = ForgeableKey.prove(SEED, signals, 0);
        index = bound(index, 0, 7);
        // Half of them the same coordinate with q added, the rest anything at or above q.
        proof[index] = value % 2 == 0 ? proof[index] + Bn254.Q : bound(value, Bn254.Q, type(uint256).max);

        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.CoordinateNotInField.selector, index, proof[index]));
        verifier.verify(pointer, signals, proof);
    }

    function testFuzz_verify_RevertWhen_AnyCoordinateChanges(uint256 index, uint256 change) public {
        uint256[] memory signals = someSignals(3, 1);
        uint256[8] memory proof = ForgeableKey.prove(SEED, signals, 0);
        index = bound(index, 0, 7);
        proof[index] = addmod(proof[index], bound(change, 1, Bn254.Q - 1), Bn254.Q);

        expectInvalid();
        verifier.verify{ gas: GAS_CAP }(pointer, signals, proof);
    }

    /// @dev T-09: bad points burn what the pairing precompile is given, and the answer is still typed.
    function test_verify_RevertWhen_PointsAreInfinityOrStrange() public {
        uint256[] memory signals = someSignals(3, 1);
        uint256[8] memory honest = ForgeableKey.prove(SEED, signals, 0);
        uint256[4] memory strange = abi.decode(ForgeableKey.strangePoint(), (uint256[4]));

        uint256[8] memory zero;
        expectInvalid();
        verifier.verify{ gas: GAS_CAP }(pointer, signals, zero);
        uint256[8] memory noA = [0, 0, honest[2], honest[3], honest[4], honest[5], honest[6], honest[7]];
        expectInvalid();
        verifier.verify{ gas: GAS_CAP }(pointer, signals, noA);
        uint256[8] memory noC = [honest[0], honest[1], honest[2], honest[3], honest[4], honest[5], 0, 0];
        expectInvalid();
        verifier.verify{ gas: GAS_CAP }(pointer, signals, noC);
        uint256[8] memory outside = [
            honest[0],
            honest[1],
            strange[0],
            strange[1],
            strange[2],
            strange[3],
            honest[6],
            honest[7]
        ];
        expectInvalid();
        verifier.verify{ gas: GAS_CAP }(pointer, signals, outside);
    }

    /// @dev T-05: proofs can be changed into others of the same statement, so nothing may be keyed by a proof.
    function testFuzz_verify_acceptsRerandomizedProofs(uint256 nonce) public view {
        uint256[] memory signals = someSignals(3, 1);
        uint256[8] memory first = ForgeableKey.prove(SEED, signals, 0);
        uint256[8] memory second = ForgeableKey.prove(SEED, signals, bound(nonce, 1, Bn254.P - 2));

        vm.assertNotEq(keccak256(abi.encode(first)), keccak256(abi.encode(second)));
        verifier.verify(pointer, signals, first);
        verifier.verify(pointer, signals, second);
    }

    /// @dev T-02: from the bytes of a key with γ = δ alone, anybody proves anything. KeyLint refuses such keys.
    function testFuzz_verify_isFooledByKeyWithGammaEqualsDelta(uint256 seed) public {
        bytes memory gamma = ForgeableKey.gammaPoint();
        bytes memory beta = ForgeableKey.betaPoint();
        bytes memory key = ForgeableKey.keyBytesWith(SEED, 3, beta, gamma, gamma);
        uint256[] memory signals = someSignals(3, seed);

        // A = α, B = β, C = -L
        bytes memory minusL = negated(linear(key, signals));
        verifier.verify(CodeStore.write(key), signals, proofOf(ForgeableKey.g1(7), beta, minusL));
    }

    function testFuzz_verify_isFooledByKeyWithBetaEqualsGamma(uint256 seed) public {
        bytes memory beta = ForgeableKey.betaPoint();
        bytes memory key = ForgeableKey.keyBytesWith(SEED, 3, beta, beta, ForgeableKey.deltaPoint());
        uint256[] memory signals = someSignals(3, seed);

        // A = α + L, B = β, C = 0
        bytes memory a = ForgeableKey.add(ForgeableKey.g1(7), linear(key, signals));
        verifier.verify(CodeStore.write(key), signals, proofOf(a, beta, new bytes(64)));
    }

    function testFuzz_verify_isFooledByKeyWithBetaEqualsDelta(uint256 seed) public {
        bytes memory beta = ForgeableKey.betaPoint();
        bytes memory gamma = ForgeableKey.gammaPoint();
        bytes memory key = ForgeableKey.keyBytesWith(SEED, 3, beta, gamma, beta);
        uint256[] memory signals = someSignals(3, seed);

        // A = L, B = γ, C = -α
        bytes memory minusAlpha = negated(ForgeableKey.g1(7));
        verifier.verify(CodeStore.write(key), signals, proofOf(linear(key, signals), gamma, minusAlpha));
    }

    function test_verify_RevertWhen_KeyLengthMismatch() public {
        uint256[] memory four = someSignals(4, 1);
        uint256[8] memory proof = ForgeableKey.prove(SEED, four, 0);

        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.KeyLengthMismatch.selector, pointer, 768, 704));
        verifier.verify(pointer, four, proof);
        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.KeyLengthMismatch.selector, address(0x1234), 768, 0));
        verifier.verify(address(0x1234), four, proof);
        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.KeyLengthMismatch.selector, pointer, 512, 704));
        verifier.verify(pointer, new uint256[](0), proof);
    }

    function test_verify_leavesMemoryUsable() public view {
        uint256[] memory signals = someSignals(3, 1);
        uint256[8] memory proof = ForgeableKey.prove(SEED, signals, 0);
        bytes32 before = keccak256(abi.encode(signals, proof));

        verifier.verify(pointer, signals, proof);

        vm.assertEq(keccak256(abi.encode(signals, proof)), before);
    }

    function expectInvalid() private {
        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.ProofInvalid.selector));
    }

    function someSignals(uint256 count, uint256 seed) private pure returns (uint256[] memory signals) {
        signals = new uint256[](count);
        for (uint256 i; i < count; ++i) signals[i] = uint256(keccak256(abi.encode("signal", seed, i))) % Bn254.P;
    }

    /// @dev L = IC_0 + Σ s_i · IC_(i+1), from the key's bytes alone.
    function linear(bytes memory key, uint256[] memory signals) private view returns (bytes memory sum) {
        sum = icOf(key, 0);
        for (uint256 i; i < signals.length; ++i) {
            sum = ForgeableKey.add(sum, ForgeableKey.mul(icOf(key, i + 1), signals[i]));
        }
    }

    function icOf(bytes memory key, uint256 index) private pure returns (bytes memory point) {
        (uint256 x, uint256 y) = (0, 0);
        assembly ("memory-safe") {
            let at_ := add(add(key, 0x20), add(0x1c0, mul(index, 0x40)))
            x := mload(at_)
            y := mload(add(at_, 0x20))
        }
        return abi.encode(x, y);
    }

    function negated(bytes memory point) private pure returns (bytes memory) {
        (uint256 x, uint256 y) = abi.decode(point, (uint256, uint256));
        return abi.encode(x, Bn254.Q - y);
    }

    function proofOf(bytes memory a, bytes memory b, bytes memory c) private pure returns (uint256[8] memory) {
        return abi.decode(bytes.concat(a, b, c), (uint256[8]));
    }

    function vectorCase(
        uint256 index
    ) private view returns (bytes memory key, uint256[] memory signals, uint256[8] memory proof) {
        string memory json = vm.readFile("test/vectors/groth16.json");
        string memory row = string.concat("$.cases[", vm.toString(index), "]");
        key = vm.parseJsonBytes(json, string.concat(row, ".key"));
        signals = vm.parseJsonUintArray(json, string.concat(row, ".signals"));
        uint256[] memory coordinates = vm.parseJsonUintArray(json, string.concat(row, ".proof"));
        for (uint256 i; i < 8; ++i) proof[i] = coordinates[i];
    }
}
