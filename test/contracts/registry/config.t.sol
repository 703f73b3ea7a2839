// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ConfigVersion, IConfigRegistry } from "../../../contracts/interfaces/IConfigRegistry.sol";
import { ConfigRegistry } from "../../../contracts/registry/ConfigRegistry.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";

contract ConfigRegistryTest {
    uint256 private constant NOW = 1_800_000_000;
    address private constant OWNER = address(0x0a);
    address private constant EDITOR = address(0xed);
    string private constant NAME = "support/answers";
    bytes32 private constant FIRST = keccak256("first");
    bytes32 private constant SECOND = keccak256("second");

    ConfigRegistry private registry;

    function setUp() public {
        vm.warp(NOW);
        registry = new ConfigRegistry();
    }

    function test_publish_addsVersionInForceFromNow() public {
        vm.expectEmit(address(registry));
        emit IConfigRegistry.ConfigPublished(OWNER, keccak256(bytes(NAME)), FIRST, NAME, 1, OWNER, "ipfs://1");
        vm.prank(OWNER);
        uint256 version = registry.publish(NAME, FIRST, "ipfs://1");

        ConfigVersion memory config = registry.configOf(OWNER, NAME, 1);
        vm.assertEq(version, 1);
        vm.assertEq(config.configHash, FIRST);
        vm.assertEq(config.author, OWNER);
        vm.assertEq(config.inForceFrom, NOW);
        vm.assertEq(config.uri, "ipfs://1");
        vm.assertEq(registry.versionsOf(EDITOR, NAME), 0);
    }

    function test_publishFor_byEditorTheOwnerNamed() public {
        vm.expectEmit(address(registry));
        emit IConfigRegistry.EditorSet(OWNER, keccak256(bytes(NAME)), EDITOR, NAME, true);
        setEditor(true);
        vm.prank(EDITOR);
        registry.publishFor(OWNER, NAME, FIRST, "");
        setEditor(false);

        vm.assertEq(registry.configOf(OWNER, NAME, 1).author, EDITOR);
        expectRevertAs(EDITOR, abi.encodeWithSelector(IConfigRegistry.NotAnEditor.selector, OWNER, NAME, EDITOR));
        registry.publishFor(OWNER, NAME, SECOND, "");
    }

    function test_publishFor_RevertWhen_EditorOfAnotherName() public {
        setEditor(true);

        expectRevertAs(EDITOR, abi.encodeWithSelector(IConfigRegistry.NotAnEditor.selector, OWNER, "other", EDITOR));
        registry.publishFor(OWNER, "other", FIRST, "");
    }

    function test_publish_RevertWhen_NameInvalid() public {
        string memory tooLong = string(new bytes(65));
        expectRevertAs(OWNER, abi.encodeWithSelector(IConfigRegistry.NameInvalid.selector, 0));
        registry.publish("", FIRST, "");
        expectRevertAs(OWNER, abi.encodeWithSelector(IConfigRegistry.NameInvalid.selector, 65));
        registry.publish(tooLong, FIRST, "");
    }

    function test_publish_RevertWhen_ConfigHashIsZero() public {
        expectRevertAs(OWNER, abi.encodeWithSelector(IConfigRegistry.ConfigHashIsZero.selector));
        registry.publish(NAME, 0, "");
    }

    function test_publish_RevertWhen_ConfigUnchanged() public {
        publish(FIRST);

        expectRevertAs(OWNER, abi.encodeWithSelector(IConfigRegistry.ConfigUnchanged.selector, 1, FIRST));
        registry.publish(NAME, FIRST, "");
        publish(SECOND);
        publish(FIRST);
        vm.assertEq(registry.versionsOf(OWNER, NAME), 3);
    }

    function test_configAt_RevertWhen_ConfigUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IConfigRegistry.ConfigUnknown.selector, OWNER, NAME));
        registry.configAt(OWNER, NAME, NOW);
    }

    function test_configAt_RevertWhen_NotInForce() public {
        publish(FIRST);

        vm.expectRevert(abi.encodeWithSelector(IConfigRegistry.NotInForce.selector, OWNER, NAME, NOW - 1));
        registry.configAt(OWNER, NAME, NOW - 1);
        vm.expectRevert(abi.encodeWithSelector(IConfigRegistry.NotInForce.selector, OWNER, NAME, NOW + 1));
        registry.configAt(OWNER, NAME, NOW + 1);
    }

    function test_configAt_givesLastOfOneBlock() public {
        publish(FIRST);
        publish(SECOND);

        assertInForce(NOW, 2, SECOND);
    }

    function test_configOf_RevertWhen_VersionUnknown() public {
        publish(FIRST);

        for (uint256 wrong; wrong < 3; wrong += 2) {
            vm.expectRevert(abi.encodeWithSelector(IConfigRegistry.VersionUnknown.selector, OWNER, NAME, wrong, 1));
            registry.configOf(OWNER, NAME, wrong);
        }
    }

    function testFuzz_configAt_findsWhatALinearSearchFinds(uint256 seed, uint256 when) public {
        uint256 count = 1 + (seed % 12);
        uint256[] memory times = new uint256[](count);
        uint256 time = NOW;
        for (uint256 i; i < count; ++i) {
            time += uint256(keccak256(abi.encode(seed, i))) % 3;
            times[i] = time;
            vm.warp(time);
            publish(keccak256(abi.encode(i)));
        }
        vm.warp(time + 10);
        when = bound(when, times[0], time + 10);

        uint256 expected;
        for (uint256 i; i < count; ++i) if (times[i] <= when) expected = i + 1;
        assertInForce(when, expected, keccak256(abi.encode(expected - 1)));
    }

    function assertInForce(uint256 time, uint256 version, bytes32 configHash) private view {
        (uint256 found, ConfigVersion memory config) = registry.configAt(OWNER, NAME, time);
        vm.assertEq(found, version);
        vm.assertEq(config.configHash, configHash);
    }

    function publish(bytes32 configHash) private {
        vm.prank(OWNER);
        registry.publish(NAME, configHash, "");
    }

    function setEditor(bool allowed) private {
        vm.prank(OWNER);
        registry.setEditor(NAME, EDITOR, allowed);
    }

    function expectRevertAs(address caller, bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(caller);
    }
}
