// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { P256 } from "@openzeppelin/contracts/utils/cryptography/P256.sol";

/// @title  P256Signature
/// @notice ECDSA on P-256 as vendors sign with it: s may be in the upper half.
library P256Signature {
    /// @notice Whether r‖s is a signature of the hash under the key.
    /// @param signature 64 bytes.
    /// @param key       x‖y, 64 bytes; one that is no point of the curve signs nothing.
    function isValid(bytes32 hash, bytes memory signature, bytes memory key) internal view returns (bool) {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        (bytes32 x, bytes32 y) = abi.decode(key, (bytes32, bytes32));
        // The other s of the same signature, since P256 takes the lower one only.
        if (uint256(s) > P256.N / 2 && uint256(s) < P256.N) s = bytes32(P256.N - uint256(s));
        return P256.verify(hash, r, s, x, y);
    }

    /// @notice Whether x‖y is a point of the curve with both coordinates below its prime.
    /// @param key 64 bytes.
    function isPoint(bytes memory key) internal pure returns (bool) {
        (bytes32 x, bytes32 y) = abi.decode(key, (bytes32, bytes32));
        return P256.isValidPublicKey(x, y);
    }
}
