// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { KeyState, SigningKey } from "../../../contracts/interfaces/IExecutorRegistry.sol";
import { KnownAnswer, ModelRecord, Semantics, SetupKind } from "../../../contracts/interfaces/IModelRegistry.sol";
import { GateFixture } from "../support/GateFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice S10: what a delivery reads lies in one slot each; where, is pinned.
contract RegistryLayoutTest is GateFixture {
    uint256 private constant KEYS_SLOT = 0;
    uint256 private constant MODELS_SLOT = 7;
    uint256 private constant CURRENT_KEYS_SLOT = 0;
    uint256 private constant STAKES_SLOT = 2;
    uint256 private constant CURRENT_VERIFIERS_SLOT = 2;

    function setUp() public {
        deployGate();
    }

    function test_layout_modelTakesThreeSlots() public view {
        ModelRecord memory record = models.record(boundModel);
        uint256 head =
            record.ioSpec |
                (uint256(Semantics.ExactInt) << 120) |
                (uint256(SetupKind.Single) << 128) |
                (NOW << 136) | // registeredAt, 40 bits
                (uint256(2) << 176); // key number, 48 bits

        vm.assertEq(wordOf(address(models), boundModel, MODELS_SLOT, 0), head);
        vm.assertEq(wordOf(address(models), boundModel, MODELS_SLOT, 1), uint160(MODEL_OWNER));
        vm.assertEq(wordOf(address(models), boundModel, MODELS_SLOT, 2), 0);
    }

    function test_layout_keyTakesThreeSlots() public view {
        ModelRecord memory record = models.record(boundModel);
        KnownAnswer memory known = aKnownAnswer(BOUND_SEED, boundInput(), boundOutput());
        bytes32 number = bytes32(uint256(2));

        vm.assertEq(wordOf(address(models), number, KEYS_SLOT, 0), uint160(record.keyPointer));
        vm.assertEq(bytes32(wordOf(address(models), number, KEYS_SLOT, 1)), record.vkHash);
        vm.assertEq(bytes32(wordOf(address(models), number, KEYS_SLOT, 2)), keccak256(abi.encode(known)));
    }

    function test_layout_signingKeyTakesOneSlot() public view {
        SigningKey memory key = executors.keyRecord(EXECUTOR);
        uint256 expected =
            uint160(key.key) |
                (uint256(key.notBefore) << 160) |
                (uint256(key.notAfter) << 200) |
                (uint256(KeyState.Active) << 240);

        vm.assertEq(wordOf(address(executors), executorWord(), CURRENT_KEYS_SLOT, 0), expected);
        vm.assertEq(wordOf(address(executors), executorWord(), CURRENT_KEYS_SLOT, 1), 0);
    }

    function test_layout_stakeTakesOneSlot() public {
        vm.deal(EXECUTOR, 3 ether);
        vm.prank(EXECUTOR);
        executors.deposit{ value: 3 ether }();
        vm.prank(EXECUTOR);
        executors.announceWithdrawal(1 ether);

        vm.assertEq(
            wordOf(address(executors), executorWord(), STAKES_SLOT, 0),
            2 ether | (uint256(1 ether) << 96) | ((NOW + 7 days) << 192)
        );
    }

    function test_layout_currentVerifierTakesOneSlot() public view {
        uint256 expected =
            uint160(address(groth16Verifier)) |
                (uint256(GROTH16_GAS_CAP) << 160) |
                (uint256(uint72(bytes9(address(groth16Verifier).codehash))) << 184);

        vm.assertEq(wordOf(address(router), bytes32(uint256(4)), CURRENT_VERIFIERS_SLOT, 0), expected);
    }

    function executorWord() private pure returns (bytes32) {
        return bytes32(uint256(uint160(EXECUTOR)));
    }

    function wordOf(address at_, bytes32 key, uint256 slot, uint256 index) private view returns (uint256) {
        uint256 base = uint256(keccak256(abi.encode(key, slot)));
        return uint256(vm.load(at_, bytes32(base + index)));
    }
}
