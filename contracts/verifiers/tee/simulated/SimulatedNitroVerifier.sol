// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAttestationPolicy } from "../../../interfaces/IAttestationPolicy.sol";
import { IAttestationVerifier } from "../../../interfaces/IAttestationVerifier.sol";
import { INitroVerifier } from "../../../interfaces/INitroVerifier.sol";
import { IP384Verifier } from "../../../interfaces/IP384Verifier.sol";
import { ISha384 } from "../../../interfaces/ISha384.sol";
import { CertificateProfile, X509 } from "../../../libraries/X509.sol";
import { isDevelopmentChain } from "../../../types/Constants.sol";
import { NitroVerification } from "../NitroVerification.sol";
import { SIMULATED_MARK_OID, SIMULATED_NITRO_ROOT_HASH } from "./SimulatedRoots.sol";

/// @title  SimulatedNitroVerifier
/// @notice SIMULATED. Verifies stand-ins for Nitro documents. The key of their root is public on purpose, so anybody can
/// make one: what it accepts shows nothing.
/// @dev It works on development chains only, where it was deployed and where it is called. Every certificate must carry
/// the critical mark that genuine verifiers refuse.
contract SimulatedNitroVerifier is NitroVerification {
    constructor(
        IAttestationPolicy policy_,
        IP384Verifier p384_,
        ISha384 sha384_
    ) NitroVerification(policy_, p384_, sha384_) {
        _requireUsable();
    }

    /// @inheritdoc IAttestationVerifier
    function isSimulated() external pure returns (bool) {
        return true;
    }

    /// @inheritdoc INitroVerifier
    function rootHash() public pure override returns (bytes32) {
        return SIMULATED_NITRO_ROOT_HASH;
    }

    function _requireUsable() internal view override {
        if (!isDevelopmentChain(block.chainid)) revert NotADevelopmentChain(block.chainid);
    }

    function _requireRoot(bytes32 hash) internal pure override {
        if (hash != SIMULATED_NITRO_ROOT_HASH) revert NotSimulated(hash);
    }

    function _profile() internal pure override returns (CertificateProfile memory profile) {
        profile = X509.p384Profile();
        profile.privateOidHash = keccak256(SIMULATED_MARK_OID);
    }

    function _modulePrefix() internal pure override returns (bytes32 prefix, uint256 length) {
        return ("sim-", 4);
    }

    function _refuseModule(bytes calldata moduleId) internal pure override {
        revert NotSimulated(keccak256(moduleId));
    }
}
