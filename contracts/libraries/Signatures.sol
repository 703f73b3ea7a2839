// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import { ISignedVerifier } from "../interfaces/ISignedVerifier.sol";

/// @title  Signatures
/// @notice ECDSA over secp256k1 in one form: 65 bytes r‖s‖v, low s, v 27 or 28.
library Signatures {
    uint256 private constant SIGNATURE_BYTES = 65;
    /// @dev Half of the group order; of s and n - s only the lower counts.
    uint256 private constant MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice Reverts unless `signature` over `digest` is by `key`.
    function requireSigned(bytes32 digest, address key, bytes calldata signature) internal pure {
        if (signature.length != SIGNATURE_BYTES) revert ISignedVerifier.SignatureMalformed(signature.length);
        (uint8 v, bytes32 r, bytes32 s) = ECDSA.parseCalldata(signature);
        if (uint256(s) > MAX_S || (v != 27 && v != 28)) revert ISignedVerifier.SignatureNotCanonical(s, v);

        address recovered = ecrecover(digest, v, r, s);
        // ecrecover answers 0 for a signature of nobody, so a zero key must not match.
        if (recovered == address(0) || recovered != key) revert ISignedVerifier.SignerMismatch(key, recovered);
    }
}
