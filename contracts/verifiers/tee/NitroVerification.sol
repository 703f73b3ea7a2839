// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAttestationPolicy, Standing } from "../../interfaces/IAttestationPolicy.sol";
import { Attestation, IAttestationVerifier } from "../../interfaces/IAttestationVerifier.sol";
import { INitroVerifier } from "../../interfaces/INitroVerifier.sol";
import { IP384Verifier } from "../../interfaces/IP384Verifier.sol";
import { ISha384 } from "../../interfaces/ISha384.sol";
import { CoseSign1 } from "../../libraries/CoseSign1.sol";
import { EnclaveIds } from "../../libraries/EnclaveIds.sol";
import { ModuleId } from "../../libraries/ModuleId.sol";
import { NitroDocument, NitroFields } from "../../libraries/NitroDocument.sol";
import { FAMILY_TEE_NITRO, TAG_MEASUREMENT_NITRO } from "../../types/Constants.sol";
import { NitroCertificates } from "./NitroCertificates.sol";

/// @title  NitroVerification
/// @notice Everything of a Nitro verifier but whom it trusts. offchain/protocol/attestation/nitro verifies the same, in
/// the same order.
abstract contract NitroVerification is NitroCertificates {
    /// @dev A document is made for one registration and sent at once.
    uint256 internal constant MAX_AGE_SECONDS = 300;
    /// @dev By how much clocks may differ.
    uint256 internal constant MAX_SKEW_SECONDS = 60;

    /// @dev The enclave and its instance, each of which can be revoked.
    uint256 private constant PLATFORM_TRAITS = 2;
    /// @dev The register of the image's signing certificate, which an unsigned image does not have.
    uint256 private constant SIGNER_PCR = 8;
    /// @dev In debug mode registers 0, 1 and 2 are zero, but not all of the others.
    uint256 private constant CODE_PCRS = 3;

    constructor(
        IAttestationPolicy policy_,
        IP384Verifier p384_,
        ISha384 sha384_
    ) NitroCertificates(policy_, p384_, sha384_) {}

    /// @inheritdoc IAttestationVerifier
    function verify(
        bytes calldata document,
        bytes calldata collateral
    ) external returns (bytes4 magic, Attestation memory attestation) {
        _requireUsable();
        if (collateral.length != 0) revert UnexpectedCollateral(collateral.length);
        uint256 start = CoseSign1.payloadStart(document);
        bytes calldata payload = CoseSign1.payloadOf(document, start);
        NitroFields memory fields = NitroDocument.read(payload);

        Walk memory walk = _walk(payload, fields, type(uint256).max, PLATFORM_TRAITS);
        _requireSigned(document, start, _lastKey(walk, payload));
        attestation.issuedAt = _requireFresh(fields.timestampMs);
        _addPlatform(walk, payload[fields.moduleId.start:fields.moduleId.end]);
        _requireNotDebug(payload, fields);

        attestation.rootId = walk.traits[ROOT];
        attestation.measurementId = _measurementIdOf(payload, fields);
        attestation.userData = payload[fields.userData.start:fields.userData.end];
        attestation.notAfter = walk.notAfter;
        attestation.traits = walk.traits;
        return (IAttestationVerifier.verify.selector, attestation);
    }

    /// @inheritdoc INitroVerifier
    function cacheChain(
        bytes calldata document,
        uint256 maxSignatures
    ) external returns (uint256 verified, uint256 remaining) {
        _requireUsable();
        bytes calldata payload = CoseSign1.payloadOf(document, CoseSign1.payloadStart(document));
        NitroFields memory fields = NitroDocument.read(payload);
        Walk memory walk = _walk(payload, fields, maxSignatures, 0);
        return (maxSignatures - walk.budget, walk.traits.length - walk.index);
    }

    /// @inheritdoc INitroVerifier
    function uncached(bytes calldata document) external view returns (uint256) {
        _requireUsable();
        bytes calldata payload = CoseSign1.payloadOf(document, CoseSign1.payloadStart(document));
        return _countUnverified(payload, NitroDocument.read(payload));
    }

    /// @inheritdoc IAttestationVerifier
    function family() external pure returns (uint8) {
        return FAMILY_TEE_NITRO;
    }

    /// @dev Reverts where this verifier must not be used.
    function _requireUsable() internal view virtual;

    /// @dev What names of enclaves start with: the bytes, left-aligned, and how many.
    function _modulePrefix() internal pure virtual returns (bytes32 prefix, uint256 length);

    /// @dev Reverts for a name that is not of an enclave.
    function _refuseModule(bytes calldata moduleId) internal pure virtual;

    function _requireSigned(bytes calldata document, uint256 start, bytes calldata key) private view {
        (uint256 hashHi, uint256 hashLo) = sha384.sha384(CoseSign1.signedBytes(document, start));
        if (!p384.verify(hashHi, hashLo, key, CoseSign1.signatureOf(document))) revert BadSignature();
    }

    function _requireFresh(uint256 timestampMs) private view returns (uint64 issuedAt) {
        // NitroDocument lets no timestamp of 2^53 or more through.
        issuedAt = uint64(timestampMs / 1000);
        if (issuedAt > block.timestamp + MAX_SKEW_SECONDS) revert EvidenceFromFuture(issuedAt, block.timestamp);
        if (issuedAt + MAX_AGE_SECONDS < block.timestamp) {
            revert EvidenceTooOld(issuedAt, MAX_AGE_SECONDS, block.timestamp);
        }
    }

    /// @dev Adds enclave and instance to the traits, whose last two places are free for them.
    function _addPlatform(Walk memory walk, bytes calldata moduleId) private view {
        (bytes32 prefix, uint256 prefixBytes) = _modulePrefix();
        uint256 instanceBytes = ModuleId.instanceBytes(moduleId, prefix, prefixBytes);
        if (instanceBytes == 0) _refuseModule(moduleId);

        walk.traits[walk.index] = EnclaveIds.platformTraitOf(moduleId);
        walk.traits[walk.index + 1] = EnclaveIds.platformTraitOf(moduleId[:instanceBytes]);
        for (uint256 i = walk.index; i < walk.traits.length; ++i) {
            Standing standing = policy.standingOf(walk.traits[i]);
            if (standing != Standing.Good) revert IAttestationPolicy.TraitRevoked(walk.traits[i], standing);
        }
    }

    function _requireNotDebug(bytes calldata payload, NitroFields memory fields) private pure {
        bytes32 zeros = keccak256(new bytes(NitroDocument.PCR_BYTES));
        for (uint256 i; i < CODE_PCRS; ++i) {
            if (keccak256(_pcr(payload, fields, i)) == zeros) revert DebugEnclave();
        }
    }

    function _measurementIdOf(bytes calldata payload, NitroFields memory fields) private pure returns (bytes32) {
        bytes memory signer = new bytes(NitroDocument.PCR_BYTES);
        if (fields.pcrs[SIGNER_PCR] != 0) signer = _pcr(payload, fields, SIGNER_PCR);
        return
            EnclaveIds.measurementIdOf(
                TAG_MEASUREMENT_NITRO,
                bytes.concat(_pcr(payload, fields, 0), _pcr(payload, fields, 1), _pcr(payload, fields, 2), signer)
            );
    }

    function _pcr(
        bytes calldata payload,
        NitroFields memory fields,
        uint256 index
    ) private pure returns (bytes calldata) {
        return payload[fields.pcrs[index]:fields.pcrs[index] + NitroDocument.PCR_BYTES];
    }
}
