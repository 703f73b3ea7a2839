// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Workspace } from "../../../contracts/libraries/Workspace.sol";
import { vm } from "../support/Vm.sol";

contract WorkspaceTest {
    function reserveAfter(uint256 freePointer) external pure returns (bytes memory next) {
        assembly ("memory-safe") {
            mstore(0x40, freePointer)
        }
        Workspace.reserve(0x800);
        next = new bytes(1);
        uint256 where;
        assembly ("memory-safe") {
            where := next
        }
        vm.assertEq(where, 0x800);
    }

    function test_reserve_takesTheMemoryUpToTheEnd() public view {
        this.reserveAfter(0x80);
        this.reserveAfter(0x400);
    }

    function test_reserve_RevertWhen_TheMemoryIsInUse() public {
        vm.expectRevert(abi.encodeWithSelector(Workspace.WorkspaceOccupied.selector, 0x420));

        this.reserveAfter(0x420);
    }
}
