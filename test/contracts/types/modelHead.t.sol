// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Semantics, SetupKind } from "../../../contracts/interfaces/IModelRegistry.sol";
import { ModelHead, packHead } from "../../../contracts/types/ModelHead.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";

contract ModelHeadTest {
    /// @dev The plain twin: the struct that the shifts stand for.
    struct PlainHead {
        uint120 ioSpec;
        Semantics semantics;
        SetupKind setupKind;
        uint40 registeredAt;
        uint48 keyNumber;
    }

    PlainHead private plain;

    function testFuzz_packHead_isTheLayoutOfTheStruct(
        uint120 spec,
        uint8 semantics,
        uint8 kind,
        uint40 time,
        uint48 number
    ) public {
        Semantics s = Semantics(bound(semantics, 0, 3));
        SetupKind k = SetupKind(bound(kind, 0, 3));
        plain = PlainHead(spec, s, k, time, number);

        ModelHead head = packHead(spec, s, k, time, number);

        vm.assertEq(bytes32(ModelHead.unwrap(head)), vm.load(address(this), 0));
        vm.assertEq(head.ioSpec(), spec);
        vm.assertEq(uint256(head.semantics()), uint256(s));
        vm.assertEq(uint256(head.setupKind()), uint256(k));
        vm.assertEq(head.registeredAt(), time);
        vm.assertEq(head.keyNumber(), number);
    }
}
