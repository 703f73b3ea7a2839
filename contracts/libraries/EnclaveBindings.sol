// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { FAMILY_TEE_NITRO } from "../types/Constants.sol";

/// @title  EnclaveBindings
/// @notice Where an attestation document carries the bindingHash of EnclaveIds; offchain/protocol/attestation/binding.ts
/// decides the same. Exact lengths: nothing else may stand beside it.
library EnclaveBindings {
    uint256 private constant BINDING_BYTES = 32;
    /// @dev nitriding: 12 20 ‖ sha256(TLS certificate) ‖ 12 20 ‖ application hash.
    uint256 private constant NITRIDING_BYTES = 68;
    uint256 private constant REPORT_DATA_BYTES = 64;
    /// @dev How a SHA-256 multihash starts.
    uint16 private constant MULTIHASH = 0x1220;

    /// @notice Whether a document of this family with this user data was made for this binding, and for nothing else.
    /// @param family   A FAMILY_TEE_* of types/Constants.sol.
    /// @param userData As in Attestation.
    function isBound(uint8 family, bytes memory userData, bytes32 bindingHash) internal pure returns (bool) {
        if (family != FAMILY_TEE_NITRO) {
            return
                userData.length == REPORT_DATA_BYTES && _word(userData, 0) == bindingHash && _word(userData, 32) == 0;
        }
        if (userData.length == BINDING_BYTES) return _word(userData, 0) == bindingHash;
        return
            userData.length == NITRIDING_BYTES &&
            _isMultihash(userData, 0) &&
            _isMultihash(userData, 34) &&
            _word(userData, 36) == bindingHash;
    }

    function _isMultihash(bytes memory data, uint256 offset) private pure returns (bool) {
        return uint16(bytes2(data[offset])) | uint8(data[offset + 1]) == MULTIHASH;
    }

    /// @dev Within bounds: every caller checked the exact length before.
    function _word(bytes memory data, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), offset))
        }
    }
}
