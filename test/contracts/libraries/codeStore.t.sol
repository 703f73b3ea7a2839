// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { CodeStore } from "../../../contracts/libraries/CodeStore.sol";
import { vm } from "../support/Vm.sol";

contract CodeStoreTest {
    uint256 private constant MOST_BYTES = 24_575;

    function testFuzz_write_keepsTheBytesBehindOneStop(bytes memory data) public {
        address pointer = this.write(data);

        vm.assertEq(pointer.code, bytes.concat(hex"00", data));
    }

    function test_write_takesUpToTheCodeSizeLimit() public {
        vm.assertEq(this.write(new bytes(MOST_BYTES)).code.length, MOST_BYTES + 1);
    }

    function test_write_RevertWhen_StoreFailed() public {
        vm.expectRevert(abi.encodeWithSelector(CodeStore.StoreFailed.selector, 65_535));
        this.write(new bytes(65_535));
    }

    function testFuzz_write_cannotBeRun(bytes memory data, bytes memory input) public {
        address pointer = this.write(data);

        (bool ok, bytes memory answer) = pointer.call(input);

        vm.assertTrue(ok);
        vm.assertEq(answer.length, 0);
        vm.assertEq(pointer.code.length, data.length + 1);
    }

    function testFuzz_hashOf_isTheHashOfTheBytesWritten(bytes memory data) public {
        vm.assertEq(CodeStore.hashOf(this.write(data)), keccak256(data));
    }

    function write(bytes memory data) external returns (address) {
        return CodeStore.write(data);
    }
}
