// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAttestationPolicy } from "../../interfaces/IAttestationPolicy.sol";
import { IAttestationVerifier } from "../../interfaces/IAttestationVerifier.sol";
import { INitroVerifier } from "../../interfaces/INitroVerifier.sol";
import { IP384Verifier } from "../../interfaces/IP384Verifier.sol";
import { ISha384 } from "../../interfaces/ISha384.sol";
import { CertificateProfile, X509 } from "../../libraries/X509.sol";
import { NitroVerification } from "./NitroVerification.sol";

/// @title  NitroVerifier
/// @notice Verifies documents of genuine AWS Nitro Enclaves, wholly on chain.
contract NitroVerifier is NitroVerification {
    /// @dev keccak256 of the certificate CN=aws.nitro-enclaves, valid 2019-10-28 to 2049-10-28, whose SHA-256
    /// fingerprint AWS publishes as 641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b.
    bytes32 private constant AWS_ROOT_HASH = 0x311d96fcd5c5e0ccf72ef548e2ea7d4c0cd53ad7c4cc49e67471aed41d61f185;

    constructor(
        IAttestationPolicy policy_,
        IP384Verifier p384_,
        ISha384 sha384_
    ) NitroVerification(policy_, p384_, sha384_) {}

    /// @inheritdoc IAttestationVerifier
    function isSimulated() external pure returns (bool) {
        return false;
    }

    /// @inheritdoc INitroVerifier
    function rootHash() public pure override returns (bytes32) {
        return AWS_ROOT_HASH;
    }

    // solhint-disable-next-line no-empty-blocks
    function _requireUsable() internal view override {}

    function _requireRoot(bytes32 hash) internal pure override {
        if (hash != AWS_ROOT_HASH) revert UntrustedRoot(hash);
    }

    function _profile() internal pure override returns (CertificateProfile memory) {
        return X509.p384Profile();
    }

    function _modulePrefix() internal pure override returns (bytes32 prefix, uint256 length) {
        return ("i-", 2);
    }

    function _refuseModule(bytes calldata moduleId) internal pure override {
        revert NotAnEnclave(moduleId);
    }
}
