// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAttestationErrors } from "../interfaces/IAttestationErrors.sol";
import { Attestation, IAttestationVerifier } from "../interfaces/IAttestationVerifier.sol";
import { IP384Verifier } from "../interfaces/IP384Verifier.sol";
import { NitroDocument } from "../libraries/NitroDocument.sol";
import { Certificate, CertificateProfile, X509 } from "../libraries/X509.sol";

/// @title  DocumentHarness
/// @notice Verifiers and readers of documents, to compare them with offchain/protocol. A refusal is an answer here: a call
/// that reverts takes the simulated network five times as long, as it looks for the line that reverted.
contract DocumentHarness is IAttestationErrors {
    IP384Verifier private immutable _p384;

    constructor(IP384Verifier p384) {
        _p384 = p384;
    }

    /// @notice What a verifier answers to a document.
    /// @return magic What it returns; 0 when it refuses.
    /// @return attestation What the document says; empty when it refuses.
    /// @return refusal What it reverts with; empty when it accepts.
    function ask(
        IAttestationVerifier verifier,
        bytes calldata document
    ) external returns (bytes4 magic, Attestation memory attestation, bytes memory refusal) {
        try verifier.verify(document, "") returns (bytes4 magic_, Attestation memory attestation_) {
            return (magic_, attestation_, "");
        } catch (bytes memory refusal_) {
            return (0, attestation, refusal_);
        }
    }

    /// @notice Reads a certificate as NitroCertificates does.
    function readCertificate(bytes calldata der) external view {
        CertificateProfile memory profile = X509.p384Profile();
        Certificate memory certificate = X509.readHead(der, profile);
        bytes calldata key = der[certificate.key.start:certificate.key.end];
        if (!_p384.isOnCurve(key)) revert PublicKeyInvalid(key);
        X509.readTail(der, profile, certificate);
    }

    /// @notice Reads the payload of a Nitro document.
    function readPayload(bytes calldata payload) external pure {
        NitroDocument.read(payload);
    }
}
