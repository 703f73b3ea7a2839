// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { StatementHash } from "../../../contracts/libraries/StatementHash.sol";
import { bindOf, Statement, STATEMENT_TYPEHASH } from "../../../contracts/types/Statement.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";

contract StatementHashTest {
    /// @dev A row of statement.json, its members in alphabetical order, as the cheat code gives them.
    struct Row {
        bytes32 bind;
        uint256 chainId;
        bytes32 digest;
        bytes32 domainSeparator;
        address gate;
        RowStatement statement;
        bytes32 structHash;
    }

    struct RowStatement {
        bytes32 configHash;
        bytes32 contextHash;
        address executor;
        bytes32 inputHash;
        bytes32 issuedAt;
        bytes32 modelId;
        bytes32 outputHash;
        bytes32 requestId;
        bytes32 resultCode;
        bytes32 round;
    }

    uint256 private constant SELECTOR_BYTES = 4;

    function testFuzz_structHash_agreesWithAbiEncoding(Statement memory s) public view {
        vm.assertEq(this.hashOf(s), keccak256(abi.encode(STATEMENT_TYPEHASH, s)));
        vm.assertEq(this.hashOf(s), s.structHash());
    }

    /// @dev A narrow field with higher bits set is no statement: it must not be hashed as another one.
    function testFuzz_structHash_RevertWhen_NarrowFieldHasHigherBits(Statement memory s, uint256 bit) public {
        uint256[4] memory fields = [uint256(6), 7, 8, 9]; // executor, issuedAt, round, resultCode
        uint256[4] memory widths = [uint256(160), 64, 32, 8];
        uint256 which = bit % 4;
        bytes memory call_ = abi.encodeCall(this.hashOf, (s));
        uint256 position = SELECTOR_BYTES + 32 * fields[which];
        uint256 dirt = 1 << bound(bit >> 2, widths[which], 255);
        assembly {
            let word := add(add(call_, 0x20), position)
            mstore(word, or(mload(word), dirt))
        }

        (bool ok, ) = address(this).call(call_);

        vm.assertFalse(ok);
    }

    function test_vectors_statementsAgree() public view {
        bytes memory encoded = vm.parseJson(vm.readFile("test/vectors/statement.json"), "$.statements");
        Row[] memory rows = abi.decode(encoded, (Row[]));
        vm.assertGe(rows.length, 8);
        for (uint256 i; i < rows.length; ++i) {
            bytes32 structHash = this.hashOf(statementOf(rows[i].statement));
            bytes32 digest = keccak256(abi.encodePacked(hex"1901", rows[i].domainSeparator, structHash));
            vm.assertEq(structHash, rows[i].structHash);
            vm.assertEq(digest, rows[i].digest);
            vm.assertEq(bytes32(bindOf(digest)), rows[i].bind);
        }
    }

    function test_vectors_typeHashAgrees() public view {
        bytes memory encoded = vm.parseJson(vm.readFile("test/vectors/statement.json"), "$.typeHash");

        vm.assertEq(STATEMENT_TYPEHASH, abi.decode(encoded, (bytes32)));
    }

    function hashOf(Statement calldata s) external pure returns (bytes32) {
        return StatementHash.structHash(s);
    }

    function statementOf(RowStatement memory row) private pure returns (Statement memory) {
        return
            Statement({
                requestId: row.requestId,
                modelId: row.modelId,
                configHash: row.configHash,
                inputHash: row.inputHash,
                outputHash: row.outputHash,
                contextHash: row.contextHash,
                executor: row.executor,
                issuedAt: uint64(uint256(row.issuedAt)),
                round: uint32(uint256(row.round)),
                resultCode: uint8(uint256(row.resultCode))
            });
    }
}
