// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ITeeRegistry, Registration } from "../interfaces/ITeeRegistry.sol";
import { CLAIM_COMPUTE, CLAIM_GATEWAY, FAMILY_TEE_NITRO } from "../types/Constants.sol";
import { isTee } from "../types/TeeFamily.sol";
import { EnclaveClaims } from "./EnclaveIds.sol";

/// @title  EnclaveRules
/// @notice What a registration may say, and how long it lives.
library EnclaveRules {
    /// @dev A Nitro enclave is attested again every day; its certificates live three hours, its key as long as it runs.
    uint256 private constant MAX_NITRO_SECONDS = 1 days;
    /// @dev Below AttestationPolicy's delay, so that no record sees something given back.
    uint256 private constant MAX_DCAP_SECONDS = 7 days;

    /// @notice Reverts unless the family is a TEE and the claims are whole: COMPUTE has no upstream, GATEWAY has one.
    function requireSound(Registration calldata registration) internal pure {
        if (!isTee(registration.family)) revert ITeeRegistry.FamilyNotATee(registration.family);

        EnclaveClaims calldata claims = registration.claims;
        bool isCompute = claims.claimClass == CLAIM_COMPUTE && claims.upstreamHash == 0;
        bool isGateway = claims.claimClass == CLAIM_GATEWAY && claims.upstreamHash != 0;
        if (!(isCompute || isGateway) || claims.binaryDigest == 0) {
            revert ITeeRegistry.ClaimsInvalid(claims.claimClass, claims.upstreamHash, claims.binaryDigest);
        }
    }

    /// @notice End of a life that begins now, unix seconds, inclusive. A Nitro key may outlive the certificates of its
    /// document, others not the collateral that says their platform is sound.
    /// @param maxLifetimeSeconds  Of governance for the measurement; 0 = the family's maximum.
    /// @param attestationNotAfter Unix seconds.
    function lifeEnd(
        uint8 family,
        uint32 maxLifetimeSeconds,
        uint64 attestationNotAfter
    ) internal view returns (uint40 notAfter) {
        bool isNitro = family == FAMILY_TEE_NITRO;
        uint256 lifeSeconds = isNitro ? MAX_NITRO_SECONDS : MAX_DCAP_SECONDS;
        if (maxLifetimeSeconds != 0 && maxLifetimeSeconds < lifeSeconds) lifeSeconds = maxLifetimeSeconds;
        uint256 end = block.timestamp + lifeSeconds;
        if (!isNitro && attestationNotAfter < end) end = attestationNotAfter;
        // Timestamps fit 40 bits for 34,000 years, and `end` lies at most a week ahead.
        return uint40(end);
    }

    /// @notice End of the silence that begins now, never after notAfter; unix seconds, inclusive.
    /// @param heartbeatSeconds 0 = any silence is fine.
    function silenceEnd(uint32 heartbeatSeconds, uint40 notAfter) internal view returns (uint40) {
        uint256 end = block.timestamp + heartbeatSeconds;
        return heartbeatSeconds == 0 || end > notAfter ? notAfter : uint40(end);
    }

    /// @notice The traits of a document and, last, the enclave itself: governance can revoke a single key too.
    function withEnclave(bytes32[] memory attested, bytes32 enclaveId) internal pure returns (bytes32[] memory traits) {
        traits = new bytes32[](attested.length + 1);
        for (uint256 i; i < attested.length; ++i) traits[i] = attested[i];
        traits[attested.length] = enclaveId;
    }
}
