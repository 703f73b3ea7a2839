// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Standing } from "../../../contracts/interfaces/IAttestationPolicy.sol";
import { Semantics } from "../../../contracts/interfaces/IModelRegistry.sol";
import { EnclaveRecord, EnclaveState, Registration } from "../../../contracts/interfaces/ITeeRegistry.sol";
import { TeeFixture } from "../support/TeeFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice S10: what a delivery reads of an enclave lies in two slots, of a name in one; where, is pinned.
contract TeeLayoutTest is TeeFixture {
    uint256 private constant USES_SLOT = 0;
    uint256 private constant ORIGINS_SLOT = 1;
    uint256 private constant CHALLENGES_SLOT = 4;
    uint256 private constant NAMES_SLOT = 5;
    uint256 private constant STANDINGS_SLOT = 2;
    uint256 private constant MEASUREMENTS_SLOT = 3;

    function setUp() public {
        deployTee();
    }

    function test_layout_enclaveTakesFiveSlots() public {
        Registration memory registration = aRegistration(EXECUTOR);
        registration.heartbeatSeconds = 600;
        bytes32 enclaveId = registerAs(EXECUTOR, registration);
        EnclaveRecord memory record = enclaves.enclave(enclaveId);
        uint256 head =
            uint160(record.signer) |
                ((NOW + 600) << 160) |
                (uint256(uint32(record.selector)) << 193) |
                ((NOW % (1 << 24)) << 225) |
                (uint256(EnclaveState.Active) << 249) |
                (uint256(NITRO) << 251) |
                (uint256(COMPUTE) << 253);
        uint256[3] memory words = [
            uint160(EXECUTOR) | ((NOW + 1 days) << 160) | (NOW << 200),
            uint160(record.traitsPointer) | (uint256(600) << 160) | (1 << 192),
            BLOCK
        ];

        bytes32 use = slotOf(executorWord(), slotOf(enclaveId, bytes32(USES_SLOT)));
        vm.assertEq(wordAt(address(enclaves), use, 0), head);
        vm.assertEq(bytes32(wordAt(address(enclaves), use, 1)), MEASUREMENT);
        bytes32 origin = slotOf(enclaveId, bytes32(ORIGINS_SLOT));
        for (uint256 i; i < 3; ++i) vm.assertEq(wordAt(address(enclaves), origin, i), words[i]);
    }

    function test_layout_challengeTakesOneSlot() public {
        bytes32 challenge = aRegistration(EXECUTOR).challenge;

        uint256 expected = uint160(EXECUTOR) | ((NOW + 1 hours) << 160);
        vm.assertEq(wordAt(address(enclaves), slotOf(challenge, bytes32(CHALLENGES_SLOT)), 0), expected);
    }

    function test_layout_nameTakesOneSlot() public {
        bytes32 modelId = registerAttestable(Semantics.Float);
        bytes32 family = slotOf(bytes32(uint256(TDX)), slotOf(modelId, bytes32(NAMES_SLOT)));

        vm.assertEq(wordAt(address(models), slotOf(MEASUREMENT, family), 0), NOW | (1 << 40));
    }

    function test_layout_policyTakesOneSlotEach() public {
        revoke(PLATFORM);
        vm.prank(OWNER);
        attestationPolicy.restrictMeasurement(MEASUREMENT, Standing.Retired, 600);

        vm.assertEq(wordAt(address(attestationPolicy), slotOf(PLATFORM, bytes32(STANDINGS_SLOT)), 0), 2);
        uint256 measured = 1 | (1 << 8) | (600 << 40);
        vm.assertEq(wordAt(address(attestationPolicy), slotOf(MEASUREMENT, bytes32(MEASUREMENTS_SLOT)), 0), measured);
    }

    function executorWord() private pure returns (bytes32) {
        return bytes32(uint256(uint160(EXECUTOR)));
    }

    function slotOf(bytes32 key, bytes32 slot) private pure returns (bytes32) {
        return keccak256(abi.encode(key, slot));
    }

    function wordAt(address at_, bytes32 base, uint256 index) private view returns (uint256) {
        return uint256(vm.load(at_, bytes32(uint256(base) + index)));
    }
}
