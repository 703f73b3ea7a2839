// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ModuleId } from "../../../contracts/libraries/ModuleId.sol";
import { vm } from "../support/Vm.sol";

contract ModuleIdTest {
    function test_instanceBytes_ofNamesOfEnclaves() public view {
        vm.assertEq(this.genuine("i-0340e0cb833504eb6-enc019c12d31f78864d"), 19);
        vm.assertEq(this.genuine("i-a-encb"), 3);
        vm.assertEq(this.simulated("sim-0-enc0"), 5);
    }

    function test_instanceBytes_isZeroForAnythingElse() public view {
        string[16] memory names = [
            "",
            "i",
            "i-",
            "i-a",
            "i-a-enc",
            "i--encb",
            "i-A-encb",
            "i-a-encB",
            "i-g-encb",
            "i-a-encg",
            "i-a-ENCb",
            "i-a-encb ",
            " i-a-encb",
            "i-a-encb-encb",
            "i-a_encb",
            "sim-a-encb"
        ];
        for (uint256 i; i < names.length; ++i) vm.assertEq(this.genuine(names[i]), 0, names[i]);
        vm.assertEq(this.simulated("i-a-encb"), 0);
        vm.assertEq(this.simulated("sim"), 0);
    }

    function testFuzz_instanceBytes_isZeroForAnyBytesThatEndInADash(bytes calldata name) public view {
        vm.assertEq(this.genuine(string(bytes.concat("i-0-enc0", name, "-"))), 0);
    }

    function genuine(string calldata name) external pure returns (uint256) {
        return ModuleId.instanceBytes(bytes(name), "i-", 2);
    }

    function simulated(string calldata name) external pure returns (uint256) {
        return ModuleId.instanceBytes(bytes(name), "sim-", 4);
    }
}
