// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ISignedVerifier } from "../../../contracts/interfaces/ISignedVerifier.sol";
import { SignedVerifier } from "../../../contracts/verifiers/signed/SignedVerifier.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";

contract SignedVerifierTest {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant KEY = 0xe8ec;
    bytes32 private constant DIGEST = keccak256("digest");

    SignedVerifier private verifier;

    function setUp() public {
        verifier = new SignedVerifier();
    }

    function testFuzz_verify_acceptsTheKeysSignature(uint256 key, bytes32 digest) public view {
        key = bound(key, 1, ORDER - 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);

        bytes4 magic = verifier.verify(digest, vm.addr(key), abi.encodePacked(r, s, v));

        vm.assertEq(bytes32(magic), bytes32(ISignedVerifier.verify.selector));
    }

    function testFuzz_verify_RevertWhen_SignatureMalformed(uint256 length) public {
        length = bound(length, 0, 200);
        vm.assume(length != 65);

        vm.expectRevert(abi.encodeWithSelector(ISignedVerifier.SignatureMalformed.selector, length));
        verifier.verify(DIGEST, vm.addr(KEY), new bytes(length));
    }

    /// @dev T-44: 64 bytes of EIP-2098 are another form of the same signature.
    function test_verify_RevertWhen_SignatureIsCompact() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, DIGEST);
        bytes32 vs = bytes32((uint256(v - 27) << 255) | uint256(s));

        vm.expectRevert(abi.encodeWithSelector(ISignedVerifier.SignatureMalformed.selector, 64));
        verifier.verify(DIGEST, vm.addr(KEY), abi.encodePacked(r, vs));
    }

    /// @dev T-44: (r, n - s, other v) is the same signature of the same key.
    function testFuzz_verify_RevertWhen_SIsHigh(bytes32 digest) public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        bytes32 high = bytes32(ORDER - uint256(s));
        uint8 other = v == 27 ? 28 : 27;

        vm.expectRevert(abi.encodeWithSelector(ISignedVerifier.SignatureNotCanonical.selector, high, other));
        verifier.verify(digest, vm.addr(KEY), abi.encodePacked(r, high, other));
    }

    function testFuzz_verify_RevertWhen_VIsNot27Or28(uint8 v) public {
        vm.assume(v != 27 && v != 28);
        (, bytes32 r, bytes32 s) = vm.sign(KEY, DIGEST);

        vm.expectRevert(abi.encodeWithSelector(ISignedVerifier.SignatureNotCanonical.selector, s, v));
        verifier.verify(DIGEST, vm.addr(KEY), abi.encodePacked(r, s, v));
    }

    function test_verify_RevertWhen_VIsTheRawParity() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, DIGEST);

        vm.expectRevert(abi.encodeWithSelector(ISignedVerifier.SignatureNotCanonical.selector, s, v - 27));
        verifier.verify(DIGEST, vm.addr(KEY), abi.encodePacked(r, s, v - 27));
    }

    function testFuzz_verify_RevertWhen_SignerMismatch(uint256 other) public {
        other = bound(other, 1, ORDER - 1);
        vm.assume(other != KEY);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(other, DIGEST);

        vm.expectRevert(abi.encodeWithSelector(ISignedVerifier.SignerMismatch.selector, vm.addr(KEY), vm.addr(other)));
        verifier.verify(DIGEST, vm.addr(KEY), abi.encodePacked(r, s, v));
    }

    /// @dev ecrecover answers 0 for no signature at all; 0 is nobody's key.
    function test_verify_RevertWhen_NobodySignedForNobody() public {
        vm.expectRevert(abi.encodeWithSelector(ISignedVerifier.SignerMismatch.selector, address(0), address(0)));
        verifier.verify(DIGEST, address(0), abi.encodePacked(bytes32(0), bytes32(uint256(1)), uint8(27)));
    }

    function testFuzz_verify_RevertWhen_DigestIsAnother(bytes32 digest) public {
        vm.assume(digest != DIGEST);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, DIGEST);
        address recovered = ecrecover(digest, v, r, s);

        vm.expectRevert(abi.encodeWithSelector(ISignedVerifier.SignerMismatch.selector, vm.addr(KEY), recovered));
        verifier.verify(digest, vm.addr(KEY), abi.encodePacked(r, s, v));
    }
}
