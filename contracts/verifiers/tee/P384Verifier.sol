// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IP384Verifier } from "../../interfaces/IP384Verifier.sol";
import { P384 } from "../../libraries/P384.sol";

/// @title  P384Verifier
/// @notice The rules are in libraries/P384.sol; this contract only takes the bytes apart.
contract P384Verifier is IP384Verifier {
    uint256 private constant KEY_BYTES = 96;
    uint256 private constant SIGNATURE_BYTES = 96;

    /// @inheritdoc IP384Verifier
    function verify(
        uint256 hashHi,
        uint256 hashLo,
        bytes calldata key,
        bytes calldata signature
    ) external view returns (bool valid) {
        if (hashHi > type(uint128).max) revert HashOutOfRange(hashHi);
        if (key.length != KEY_BYTES) revert KeyLengthMismatch(KEY_BYTES, key.length);
        if (signature.length != SIGNATURE_BYTES) revert SignatureLengthMismatch(SIGNATURE_BYTES, signature.length);

        P384.Claim memory claim;
        (claim.hashHi, claim.hashLo) = (hashHi, hashLo);
        (claim.rHi, claim.rLo) = _number(signature[:48]);
        (claim.sHi, claim.sLo) = _number(signature[48:]);
        if (!P384.isScalar(claim.rHi, claim.rLo) || !P384.isScalar(claim.sHi, claim.sLo)) return false;
        (claim.xHi, claim.xLo) = _number(key[:48]);
        (claim.yHi, claim.yLo) = _number(key[48:]);
        if (!P384.isOnCurve(claim.xHi, claim.xLo, claim.yHi, claim.yLo)) return false;
        return P384.verify(claim);
    }

    /// @inheritdoc IP384Verifier
    function isOnCurve(bytes calldata key) external pure returns (bool valid) {
        if (key.length != KEY_BYTES) revert KeyLengthMismatch(KEY_BYTES, key.length);
        (uint256 xHi, uint256 xLo) = _number(key[:48]);
        (uint256 yHi, uint256 yLo) = _number(key[48:]);
        return P384.isOnCurve(xHi, xLo, yHi, yLo);
    }

    /// @dev The number that 48 bytes are, in two words.
    function _number(bytes calldata word) private pure returns (uint256 hi, uint256 lo) {
        return (uint128(bytes16(word[:16])), uint256(bytes32(word[16:])));
    }
}
