// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {
    IModelRegistry,
    MeasurementName,
    NamedMeasurement,
    Publication,
    Semantics
} from "../../../contracts/interfaces/IModelRegistry.sol";
import { TeeFixture } from "../support/TeeFixture.sol";
import { vm } from "../support/Vm.sol";

contract NamedMeasurementsTest is TeeFixture {
    NamedMeasurement private code = NamedMeasurement(NITRO, MEASUREMENT);

    function setUp() public {
        deployTee();
    }

    function test_register_countsItsMeasurementsAtOnce() public {
        code = NamedMeasurement(TDX, keccak256("other code"));
        bytes32 modelId = registerNaming(code);

        vm.assertTrue(models.mayAttest(modelId, TDX, code.measurementId));
        vm.assertFalse(models.mayAttest(modelId, NITRO, code.measurementId));
        vm.assertFalse(models.mayAttest(modelId, TDX, MEASUREMENT));
        vm.assertFalse(models.mayAttest(packedModel, TDX, code.measurementId));
        assertNames(modelId, TDX, code.measurementId, NOW);
    }

    function test_nameMeasurement_countsAfterADay() public {
        vm.expectEmit(address(models));
        emit IModelRegistry.MeasurementNamed(packedModel, NITRO, MEASUREMENT, uint40(NOW + 1 days));
        name(packedModel, code);

        assertNames(packedModel, NITRO, MEASUREMENT, NOW + 1 days);
        vm.warp(NOW + 1 days - 1);
        vm.assertFalse(models.mayAttest(packedModel, NITRO, MEASUREMENT));
        vm.warp(NOW + 1 days);
        vm.assertTrue(models.mayAttest(packedModel, NITRO, MEASUREMENT));
    }

    function test_unnameMeasurement_countsAtOnceAndForADayAtLeast() public {
        bytes32 modelId = registerNaming(code);

        vm.expectEmit(address(models));
        emit IModelRegistry.MeasurementUnnamed(modelId, NITRO, MEASUREMENT);
        unname(modelId, code);

        vm.assertFalse(models.mayAttest(modelId, NITRO, MEASUREMENT));
        vm.assertEq(models.measurementsOf(modelId, NITRO).length, 0);
        name(modelId, code);
        vm.assertFalse(models.mayAttest(modelId, NITRO, MEASUREMENT));
    }

    /// @dev The list and the answers agree whatever is named and taken back, in whatever order.
    function testFuzz_measurementsOf_agreesWithMayAttest(uint256[24] memory steps) public {
        for (uint256 i; i < steps.length; ++i) {
            NamedMeasurement memory one = NamedMeasurement(NITRO, bytes32(steps[i] % 6));
            if (isListed(one.measurementId)) unname(packedModel, one);
            else name(packedModel, one);
        }
        vm.warp(NOW + 1 days);

        uint256 attesting;
        for (uint256 i; i < 6; ++i) {
            bool may = models.mayAttest(packedModel, NITRO, bytes32(i));
            vm.assertEq(may, isListed(bytes32(i)));
            if (may) ++attesting;
        }
        vm.assertEq(models.measurementsOf(packedModel, NITRO).length, attesting);
    }

    function test_nameMeasurement_RevertWhen_CallerIsNotTheOwner() public {
        bytes memory refused = abi.encodeWithSelector(
            IModelRegistry.NotModelOwner.selector,
            packedModel,
            MODEL_OWNER,
            address(this)
        );
        vm.expectRevert(refused);
        models.nameMeasurement(packedModel, code);
        vm.expectRevert(refused);
        models.unnameMeasurement(packedModel, code);
    }

    function test_nameMeasurement_RevertWhen_UnknownModel() public {
        bytes memory unknown = abi.encodeWithSelector(IModelRegistry.UnknownModel.selector, bytes32(0));
        vm.expectRevert(unknown);
        models.nameMeasurement(0, code);
        vm.expectRevert(unknown);
        models.unnameMeasurement(0, code);
    }

    function test_nameMeasurement_RevertWhen_FamilyNotATee() public {
        uint8[4] memory families = [0, 4, 9, 255];
        for (uint256 i; i < families.length; ++i) {
            code.family = families[i];
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.FamilyNotATee.selector, families[i]));
            name(packedModel, code);
        }
    }

    function test_nameMeasurement_RevertWhen_MeasurementAlreadyNamed() public {
        name(packedModel, code);

        vm.expectRevert(
            abi.encodeWithSelector(IModelRegistry.MeasurementAlreadyNamed.selector, packedModel, NITRO, MEASUREMENT)
        );
        name(packedModel, code);
    }

    function test_unnameMeasurement_RevertWhen_MeasurementNotNamed() public {
        vm.expectRevert(
            abi.encodeWithSelector(IModelRegistry.MeasurementNotNamed.selector, packedModel, NITRO, MEASUREMENT)
        );
        unname(packedModel, code);
    }

    function test_nameMeasurement_RevertWhen_TooManyMeasurements() public {
        for (uint256 i; i < 16; ++i) name(packedModel, NamedMeasurement(NITRO, bytes32(i)));
        name(packedModel, NamedMeasurement(SGX, MEASUREMENT));

        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.TooManyMeasurements.selector, packedModel, NITRO, 16));
        name(packedModel, code);
    }

    function registerNaming(NamedMeasurement memory one) private returns (bytes32) {
        Publication memory publication;
        publication.measurements = new NamedMeasurement[](1);
        publication.measurements[0] = one;
        return registerKeyless(Semantics.Float, publication);
    }

    function name(bytes32 modelId, NamedMeasurement memory one) private {
        vm.prank(MODEL_OWNER);
        models.nameMeasurement(modelId, one);
    }

    function unname(bytes32 modelId, NamedMeasurement memory one) private {
        vm.prank(MODEL_OWNER);
        models.unnameMeasurement(modelId, one);
    }

    function isListed(bytes32 measurementId) private view returns (bool) {
        MeasurementName[] memory names = models.measurementsOf(packedModel, NITRO);
        for (uint256 i; i < names.length; ++i) {
            if (names[i].measurementId == measurementId) return true;
        }
        return false;
    }

    function assertNames(bytes32 modelId, uint8 family, bytes32 measurementId, uint256 countsFrom) private view {
        MeasurementName[] memory names = models.measurementsOf(modelId, family);
        vm.assertEq(names.length, 1);
        vm.assertEq(names[0].measurementId, measurementId);
        vm.assertEq(names[0].countsFrom, countsFrom);
    }
}
