// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAttestationPolicy } from "../interfaces/IAttestationPolicy.sol";
import { IAttestationVerifier } from "../interfaces/IAttestationVerifier.sol";
import { INitroVerifier } from "../interfaces/INitroVerifier.sol";
import { IP384Verifier } from "../interfaces/IP384Verifier.sol";
import { ISha384 } from "../interfaces/ISha384.sol";
import { CertificateProfile, X509 } from "../libraries/X509.sol";
import { NitroVerification } from "../verifiers/tee/NitroVerification.sol";

/// @title  OtherRootNitroVerifier
/// @notice NitroVerifier with a root of the tests' own in the place of AWS's, so that tests can sign documents.
contract OtherRootNitroVerifier is NitroVerification {
    bytes32 private immutable _root;

    constructor(
        IAttestationPolicy policy_,
        IP384Verifier p384_,
        ISha384 sha384_,
        bytes32 root
    ) NitroVerification(policy_, p384_, sha384_) {
        _root = root;
    }

    /// @inheritdoc IAttestationVerifier
    function isSimulated() external pure returns (bool) {
        return false;
    }

    /// @inheritdoc INitroVerifier
    function rootHash() public view override returns (bytes32) {
        return _root;
    }

    // solhint-disable-next-line no-empty-blocks
    function _requireUsable() internal view override {}

    function _requireRoot(bytes32 hash) internal view override {
        if (hash != _root) revert UntrustedRoot(hash);
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
