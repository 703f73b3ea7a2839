// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAttestationPolicy } from "../../../interfaces/IAttestationPolicy.sol";
import { Attestation, IAttestationVerifier } from "../../../interfaces/IAttestationVerifier.sol";
import { ITdxVerifier } from "../../../interfaces/ITdxVerifier.sol";
import { P256Signature } from "../../../libraries/P256Signature.sol";
import { TdReport } from "../../../libraries/TdReport.sol";
import { TdxQuote } from "../../../libraries/TdxQuote.sol";
import { ByteRange } from "../../../types/ByteRange.sol";
import { FAMILY_TEE_TDX, isDevelopmentChain } from "../../../types/Constants.sol";
import { SimulatedTdxCertificates } from "./SimulatedTdxCertificates.sol";

/// @title  SimulatedTdxVerifier
/// @notice SIMULATED. Verifies stand-ins for TDX quotes. The key of their root is public on purpose, so anybody can make
/// one: what it accepts shows nothing.
/// @dev It works on development chains only, where it was deployed and where it is called. It checks all that does not
/// need Intel's collateral, in the order of offchain/protocol/attestation/dcap: structure, chain, quoting enclave, quote,
/// debug mode, attributes, dates; then what governance revoked.
contract SimulatedTdxVerifier is SimulatedTdxCertificates {
    /// @inheritdoc ITdxVerifier
    IAttestationPolicy public immutable policy;

    constructor(IAttestationPolicy policy_) {
        _requireDevelopmentChain();
        policy = policy_;
    }

    /// @inheritdoc IAttestationVerifier
    function verify(
        bytes calldata document,
        bytes calldata collateral
    ) external view returns (bytes4 magic, Attestation memory attestation) {
        _requireDevelopmentChain();
        ByteRange memory authData = TdxQuote.read(document);
        Chain memory chain = _verifyChain(collateral);
        _requireQuotingEnclave(document, authData, chain.platformKey);
        _requireQuoteSigned(document);
        bytes calldata report = TdxQuote.body(document);
        _requireProduction(report);

        attestation.notAfter = _requireCurrent(chain);
        policy.requireGood(chain.traits);
        attestation.rootId = chain.traits[0];
        attestation.measurementId = TdReport.measurementIdOf(report);
        attestation.userData = TdReport.reportData(report);
        attestation.traits = chain.traits;
        return (IAttestationVerifier.verify.selector, attestation);
    }

    /// @inheritdoc IAttestationVerifier
    function family() external pure returns (uint8) {
        return FAMILY_TEE_TDX;
    }

    /// @inheritdoc IAttestationVerifier
    function isSimulated() external pure returns (bool) {
        return true;
    }

    function _requireDevelopmentChain() private view {
        if (!isDevelopmentChain(block.chainid)) revert NotADevelopmentChain(block.chainid);
    }

    /// @dev The platform's key signed the quoting enclave's report, which names the attestation key and nothing else.
    function _requireQuotingEnclave(
        bytes calldata document,
        ByteRange memory authData,
        bytes memory platformKey
    ) private view {
        bytes32 reportHash = sha256(TdxQuote.qeReport(document));
        bytes32 named = sha256(bytes.concat(TdxQuote.attestationKey(document), document[authData.start:authData.end]));
        if (
            !P256Signature.isValid(reportHash, TdxQuote.qeReportSignature(document), platformKey) ||
            keccak256(TdxQuote.qeReportData(document)) != keccak256(abi.encode(named, bytes32(0)))
        ) {
            revert QuotingEnclaveInvalid();
        }
    }

    function _requireQuoteSigned(bytes calldata document) private view {
        bytes calldata key = TdxQuote.attestationKey(document);
        if (!P256Signature.isPoint(key)) revert PublicKeyInvalid(key);
        if (!P256Signature.isValid(sha256(TdxQuote.signedBytes(document)), TdxQuote.signature(document), key)) {
            revert BadSignature();
        }
    }

    function _requireProduction(bytes calldata report) private pure {
        if (TdReport.isDebug(report)) revert DebugEnclave();
        if (!TdReport.isProduction(report)) {
            revert PlatformConfigInvalid(TdReport.tdAttributes(report), TdReport.seamAttributes(report));
        }
    }
}
