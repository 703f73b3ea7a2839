// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ITdxVerifier } from "../../../interfaces/ITdxVerifier.sol";
import { EnclaveIds } from "../../../libraries/EnclaveIds.sol";
import { P256Signature } from "../../../libraries/P256Signature.sol";
import { SgxExtension } from "../../../libraries/SgxExtension.sol";
import { Certificate, CertificateProfile, X509 } from "../../../libraries/X509.sol";
import { ByteRange } from "../../../types/ByteRange.sol";
import {
    SIMULATED_MARK_OID,
    SIMULATED_ROOT_NOT_AFTER,
    SIMULATED_ROOT_NOT_BEFORE,
    SIMULATED_TDX_ROOT_KEY,
    SIMULATED_TDX_ROOT_SUBJECT_HASH
} from "./SimulatedRoots.sol";

/// @title  SimulatedTdxCertificates
/// @notice Verifies the chain of a simulated platform: the development root, one intermediate, the platform's leaf.
abstract contract SimulatedTdxCertificates is ITdxVerifier {
    /// @dev What is known of a verified chain.
    struct Chain {
        Certificate intermediate;
        Certificate leaf;
        bytes platformKey; // x‖y of the leaf
        bytes32[] traits; // root, intermediate, leaf, platform
    }

    uint256 private constant ROOT = 0;
    uint256 private constant INTERMEDIATE = 1;
    uint256 private constant LEAF = 2;
    uint256 private constant PLATFORM = 3;
    uint256 private constant WORD = 32;

    /// @dev Verifies a chain but for its dates.
    function _verifyChain(bytes calldata collateral) internal view returns (Chain memory chain) {
        (bytes calldata leafDer, bytes calldata intermediateDer) = _split(collateral);
        CertificateProfile memory profile = X509.p256Profile();
        profile.privateOidHash = keccak256(SIMULATED_MARK_OID);
        chain.traits = new bytes32[](4);
        chain.traits[ROOT] = EnclaveIds.rootIdOf(SIMULATED_TDX_ROOT_KEY);

        Certificate memory intermediate = _read(intermediateDer, profile);
        _requireIssuer(intermediateDer, intermediate, INTERMEDIATE, SIMULATED_TDX_ROOT_SUBJECT_HASH);
        _judgeIntermediate(intermediate);
        _requireSigned(intermediateDer, intermediate, INTERMEDIATE, SIMULATED_TDX_ROOT_KEY);
        chain.traits[INTERMEDIATE] = _traitOf(intermediateDer, intermediate);

        Certificate memory leaf = _read(leafDer, profile);
        _requireIssuer(leafDer, leaf, LEAF, keccak256(_slice(intermediateDer, intermediate.subject)));
        _judgeLeaf(leaf);
        _requireSigned(leafDer, leaf, LEAF, _slice(intermediateDer, intermediate.key));
        chain.traits[LEAF] = _traitOf(leafDer, leaf);
        chain.traits[PLATFORM] = EnclaveIds.platformTraitOf(SgxExtension.platformOf(leafDer, leaf));

        chain.intermediate = intermediate;
        chain.leaf = leaf;
        chain.platformKey = _slice(leafDer, leaf.key);
    }

    /// @dev Reverts unless all certificates are valid now.
    /// @return notAfter The earliest of their ends.
    function _requireCurrent(Chain memory chain) internal view returns (uint64 notAfter) {
        notAfter = SIMULATED_ROOT_NOT_AFTER;
        _requireOpen(ROOT, SIMULATED_ROOT_NOT_BEFORE, SIMULATED_ROOT_NOT_AFTER);
        _requireOpen(INTERMEDIATE, chain.intermediate.notBefore, chain.intermediate.notAfter);
        _requireOpen(LEAF, chain.leaf.notBefore, chain.leaf.notAfter);

        if (chain.intermediate.notAfter < notAfter) notAfter = chain.intermediate.notAfter;
        if (chain.leaf.notAfter < notAfter) notAfter = chain.leaf.notAfter;
    }

    function _requireOpen(uint256 index, uint64 notBefore, uint64 notAfter) private view {
        if (block.timestamp < notBefore) revert CertNotYetValid(index, notBefore, block.timestamp);
        if (block.timestamp > notAfter) revert CertExpired(index, notAfter, block.timestamp);
    }

    /// @dev Marked as simulated, and signed by the key above it.
    function _requireSigned(
        bytes calldata der,
        Certificate memory certificate,
        uint256 index,
        bytes memory parentKey
    ) private view {
        if (!certificate.isPrivateCritical) revert NotSimulated(keccak256(der));
        bytes32 hash = sha256(_slice(der, certificate.signed));
        if (!P256Signature.isValid(hash, certificate.signature, parentKey)) revert BadCertSignature(index);
    }

    function _read(
        bytes calldata der,
        CertificateProfile memory profile
    ) private pure returns (Certificate memory certificate) {
        certificate = X509.readHead(der, profile);
        bytes calldata key = _slice(der, certificate.key);
        if (!P256Signature.isPoint(key)) revert PublicKeyInvalid(key);
        X509.readTail(der, profile, certificate);
    }

    /// @dev A certificate without the mark, under another name, is of somebody else's chain: a genuine one's, most likely.
    function _requireIssuer(
        bytes calldata der,
        Certificate memory certificate,
        uint256 index,
        bytes32 parentHash
    ) private pure {
        bytes32 issuerHash = keccak256(_slice(der, certificate.issuer));
        if (issuerHash != parentHash) {
            if (!certificate.isPrivateCritical) revert NotSimulated(keccak256(der));
            revert IssuerMismatch(index);
        }
        if (certificate.notAfter < certificate.notBefore) {
            revert CertExpired(index, certificate.notAfter, certificate.notBefore);
        }
    }

    /// @dev The root names no path length, so one authority is never too many.
    function _judgeIntermediate(Certificate memory certificate) private pure {
        if (!certificate.isAuthority || !certificate.isAuthorityCritical) revert NotACertificateAuthority(INTERMEDIATE);
        if (certificate.keyUsage & X509.KEY_CERT_SIGN == 0) revert KeyUsageInvalid(INTERMEDIATE);
    }

    function _judgeLeaf(Certificate memory certificate) private pure {
        if (certificate.isAuthority) revert LeafIsAuthority(LEAF);
        if (certificate.keyUsage & X509.DIGITAL_SIGNATURE == 0) revert KeyUsageInvalid(LEAF);
    }

    function _traitOf(bytes calldata der, Certificate memory certificate) private pure returns (bytes32) {
        return EnclaveIds.certificateTraitOf(_slice(der, certificate.issuer), _slice(der, certificate.serial));
    }

    /// @dev Exactly abi.encode(leaf, intermediate), so that no two collaterals are the same chain.
    function _split(
        bytes calldata collateral
    ) private pure returns (bytes calldata leafDer, bytes calldata intermediateDer) {
        leafDer = _member(collateral, 0);
        intermediateDer = _member(collateral, WORD);
        if (keccak256(abi.encode(leafDer, intermediateDer)) != keccak256(collateral)) {
            revert CollateralInvalid(collateral.length);
        }
    }

    /// @dev Bytes whose offset stands at `head`; abi.decode would revert without an error.
    function _member(bytes calldata collateral, uint256 head) private pure returns (bytes calldata) {
        uint256 start = _word(collateral, head);
        uint256 length = _word(collateral, start);
        start += WORD;
        if (length > collateral.length - start) revert CollateralInvalid(collateral.length);
        return collateral[start:start + length];
    }

    function _word(bytes calldata collateral, uint256 offset) private pure returns (uint256) {
        if (collateral.length < WORD || offset > collateral.length - WORD) revert CollateralInvalid(collateral.length);
        return uint256(bytes32(collateral[offset:offset + WORD]));
    }

    function _slice(bytes calldata data, ByteRange memory range) private pure returns (bytes calldata) {
        return data[range.start:range.end];
    }
}
