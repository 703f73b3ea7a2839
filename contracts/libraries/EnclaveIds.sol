// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {
    TAG_ENCLAVE,
    TAG_ENCLAVE_ID,
    TAG_TRAIT_CERTIFICATE,
    TAG_TRAIT_PLATFORM,
    TAG_TRAIT_ROOT
} from "../types/Constants.sol";

/// @notice What an enclave says of itself beside its key; measured code put it into the attested binding.
struct EnclaveClaims {
    uint8 claimClass; // CLAIM_COMPUTE or CLAIM_GATEWAY of types/Constants.sol
    bytes32 upstreamHash; // GATEWAY: keccak256 of the upstream's host name; COMPUTE: 0
    bytes32 configHash; // keccak256(JCS(configuration it was started with)); 0 = none
    bytes32 binaryDigest; // sha256 of the program
}

/// @notice What binds an enclave's key to one registration and to nothing else.
struct EnclaveBinding {
    uint256 chainId;
    address registry;
    address operator; // registers it, answers for it and is paid
    address signer; // the key made inside
    uint64 keyEpoch; // counts the operator's keys of one enclave
    bytes32 challenge; // issued by the registry, good once
    uint64 deadline; // unix seconds, inclusive
    EnclaveClaims claims;
}

/// @title  EnclaveIds
/// @notice Ids and digests of attested enclaves; offchain/protocol/enclave.ts computes the same.
library EnclaveIds {
    /// @notice What an attestation document must contain: 32 bytes that commit to all of a registration.
    function bindingHashOf(EnclaveBinding memory binding) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    TAG_ENCLAVE,
                    binding.chainId,
                    binding.registry,
                    binding.operator,
                    binding.signer,
                    binding.keyEpoch,
                    binding.challenge,
                    binding.deadline,
                    binding.claims.claimClass,
                    binding.claims.upstreamHash,
                    binding.claims.configHash,
                    binding.claims.binaryDigest
                )
            );
    }

    /// @notice Id of one registered key.
    function enclaveIdOf(
        address registry,
        uint8 family,
        bytes32 measurementId,
        address signer,
        uint64 keyEpoch
    ) internal view returns (bytes32) {
        return keccak256(abi.encode(TAG_ENCLAVE_ID, block.chainid, registry, family, measurementId, signer, keyEpoch));
    }

    /// @notice Id of a measurement: the registers that name the code, each of its fixed length, in the order of the tag.
    /// @param tag       TAG_MEASUREMENT_* of types/Constants.sol.
    /// @param registers Nitro: PCR 0, 1, 2, 8 (48 bytes each). TDX: mrTd, rtmr0..3, mrConfigId, mrOwner, mrOwnerConfig
    ///                  (48 each), xfam, tdAttributes (8 each). SGX: mrEnclave, mrSigner (32 each), isvProdId, isvSvn
    ///                  (2 each). All as they stand in the document.
    function measurementIdOf(bytes32 tag, bytes memory registers) internal pure returns (bytes32) {
        return keccak256(abi.encode(tag, keccak256(registers)));
    }

    /// @notice Id of a vendor's root key, which is also the trait by which it is halted.
    /// @param key Uncompressed point x‖y.
    function rootIdOf(bytes memory key) internal pure returns (bytes32) {
        return keccak256(abi.encode(TAG_TRAIT_ROOT, keccak256(key)));
    }

    /// @notice Trait of a certificate: issuer's name (DER) and serial number (content bytes of the INTEGER).
    function certificateTraitOf(bytes memory issuer, bytes memory serial) internal pure returns (bytes32) {
        return keccak256(abi.encode(TAG_TRAIT_CERTIFICATE, keccak256(issuer), keccak256(serial)));
    }

    /// @notice Trait of a platform: Nitro module_id, or the instance id in it; TDX and SGX: PPID ‖ FMSPC.
    function platformTraitOf(bytes memory platform) internal pure returns (bytes32) {
        return keccak256(abi.encode(TAG_TRAIT_PLATFORM, keccak256(platform)));
    }
}
