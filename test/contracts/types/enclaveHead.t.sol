// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { EnclaveRecord, EnclaveState } from "../../../contracts/interfaces/ITeeRegistry.sol";
import { EnclaveHead, packHead } from "../../../contracts/types/EnclaveHead.sol";
import { vm } from "../support/Vm.sol";

contract EnclaveHeadTest {
    /// @dev The longest that a record lives, seconds.
    uint256 private constant LIFE = 7 days + 1;

    /// @dev What goes in comes out, and no field touches another.
    function testFuzz_packHead_keepsEveryField(uint256 seed) public pure {
        EnclaveRecord memory record = aRecord(seed);

        EnclaveHead head = packHead(record);

        vm.assertEq(head.signer(), record.signer);
        vm.assertEq(head.validUntil(), record.validUntil);
        vm.assertEq(bytes32(head.selector()), bytes32(record.selector));
        vm.assertEq(head.checkedAt(record.registeredAt), record.checkedAt);
        vm.assertEq(uint256(head.state()), uint256(record.state));
        vm.assertEq(head.family(), record.family);
        vm.assertEq(head.claimClass(), record.claimClass);
        vm.assertEq(head.simulated(), record.simulated);
    }

    /// @dev Against whole numbers, at any time of a record's life and around every turn of the low bits.
    function testFuzz_wasCheckedAfter_comparesWholeTimes(uint256 seed, uint24 age, uint40 restrictedAt) public {
        EnclaveRecord memory record = aRecord(seed);
        uint256 checkedAt = record.checkedAt;
        vm.warp(checkedAt + (age % LIFE));
        EnclaveHead head = packHead(record);

        vm.assertTrue(head.wasCheckedAfter(0));
        vm.assertFalse(head.wasCheckedAfter(checkedAt));
        vm.assertTrue(head.wasCheckedAfter(checkedAt - 1));
        vm.assertFalse(head.wasCheckedAfter(block.timestamp));
        vm.assertEq(head.wasCheckedAfter(restrictedAt), checkedAt > restrictedAt);
    }

    /// @dev Every field all zeros, all ones or anything, within its range.
    function aRecord(uint256 seed) private pure returns (EnclaveRecord memory record) {
        record.signer = address(uint160(draw(seed, 0)));
        record.validUntil = uint40(draw(seed, 1) % (1 << 33));
        record.selector = bytes4(uint32(draw(seed, 2)));
        record.registeredAt = uint40(1 + (draw(seed, 3) % (1 << 32)));
        record.checkedAt = uint40(record.registeredAt + (draw(seed, 8) % LIFE));
        record.state = EnclaveState(draw(seed, 4) % 4);
        record.family = uint8(draw(seed, 5) % 4);
        record.claimClass = uint8(draw(seed, 6) % 4);
        record.simulated = draw(seed, 7) % 2 == 1;
    }

    function draw(uint256 seed, uint256 field) private pure returns (uint256 value) {
        value = uint256(keccak256(abi.encode(seed, field)));
        if (value % 4 == 0) return 0;
        if (value % 4 == 1) return type(uint256).max;
    }
}
