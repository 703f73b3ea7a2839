// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ISignedVerifier } from "../../interfaces/ISignedVerifier.sol";
import { Signatures } from "../../libraries/Signatures.sol";

/// @title  SignedVerifier
/// @notice ECDSA over secp256k1, with one form for one signature.
contract SignedVerifier is ISignedVerifier {
    /// @inheritdoc ISignedVerifier
    function verify(bytes32 digest, address key, bytes calldata signature) external pure returns (bytes4 magic) {
        Signatures.requireSigned(digest, key, signature);
        return ISignedVerifier.verify.selector;
    }
}
