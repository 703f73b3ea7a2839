// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Attestation } from "../../../contracts/interfaces/IAttestationVerifier.sol";
import { ITeeRegistry, Registration } from "../../../contracts/interfaces/ITeeRegistry.sol";
import { TeeFixture } from "../support/TeeFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice A registration of an enclave that would succeed: tests change one thing of it.
abstract contract RegistrationFixture is TeeFixture {
    address internal constant STRANGER = address(0x57a4);

    Registration internal registration;
    Attestation internal attestation;

    function setUp() public {
        deployTee();
        registration = aRegistration(EXECUTOR);
        attestation = anAttestation(registration);
    }

    function registerIt() internal returns (bytes32) {
        bytes memory document = aDocument(attestation);
        bytes memory possession = aPossession(registration);
        vm.prank(EXECUTOR);
        return enclaves.register(registration, document, "", possession);
    }

    function expectRefused(bytes memory reason) internal {
        bytes memory document = aDocument(attestation);
        bytes memory possession = aPossession(registration);
        vm.prank(EXECUTOR);
        vm.expectRevert(reason);
        enclaves.register(registration, document, "", possession);
    }

    function expectUserDataRefused(bytes32 bindingHash, bytes memory userData) internal {
        attestation.userData = userData;
        expectRefused(abi.encodeWithSelector(ITeeRegistry.BindingMismatch.selector, bindingHash, userData));
    }
}
