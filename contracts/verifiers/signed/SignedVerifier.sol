// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import { ISignedVerifier } from "../../interfaces/ISignedVerifier.sol";

/// @title  SignedVerifier
/// @notice ECDSA over secp256k1, with one form for one signature.
contract SignedVerifier is ISignedVerifier {
    uint256 private constant SIGNATURE_BYTES = 65;
    /// @dev Half of the group order; of s and n - s only the lower counts.
    uint256 private constant MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @inheritdoc ISignedVerifier
    function verify(bytes32 digest, address key, bytes calldata signature) external pure returns (bytes4 magic) {
        if (signature.length != SIGNATURE_BYTES) revert SignatureMalformed(signature.length);
        (uint8 v, bytes32 r, bytes32 s) = ECDSA.parseCalldata(signature);
        if (uint256(s) > MAX_S || (v != 27 && v != 28)) revert SignatureNotCanonical(s, v);

        address recovered = ecrecover(digest, v, r, s);
        // ecrecover answers 0 for a signature of nobody, so a zero key must not match.
        if (recovered == address(0) || recovered != key) revert SignerMismatch(key, recovered);
        return ISignedVerifier.verify.selector;
    }
}
