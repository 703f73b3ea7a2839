// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { RequestIds } from "../../../contracts/libraries/RequestIds.sol";
import { vm } from "../support/Vm.sol";

/// @notice test/vectors/ids.json, which TypeScript reads too. The fast hash of terms: test/contracts/hub/gate-call.t.sol.
contract RequestIdsTest {
    /// @dev Row of ids.json, members in alphabetical order, as the cheat code gives them.
    struct PullRow {
        uint256 chainId;
        address consumer;
        address gate;
        bytes32 requestId;
        bytes32 salt;
    }

    uint256 private constant HUB_ROWS = 3;

    string private json;

    function setUp() public {
        json = vm.readFile("test/vectors/ids.json");
    }

    function test_vectors_hubIdsAgree() public {
        for (uint256 i = 0; i < HUB_ROWS; ++i) {
            bytes memory encoded = abi.decode(member(i, "encodedTerms"), (bytes));
            vm.chainId(abi.decode(member(i, "chainId"), (uint256)));

            bytes32 id = this.hubId(
                abi.decode(member(i, "hub"), (address)),
                abi.decode(member(i, "requester"), (address)),
                abi.decode(member(i, "salt"), (bytes32)),
                abi.decode(encoded, (Terms))
            );

            vm.assertEq(id, abi.decode(member(i, "requestId"), (bytes32)));
        }
    }

    function test_vectors_pullIdsAgree() public {
        PullRow[] memory rows = abi.decode(vm.parseJson(json, "$.pullRequests"), (PullRow[]));
        vm.assertGe(rows.length, 2);
        for (uint256 i = 0; i < rows.length; ++i) {
            vm.chainId(rows[i].chainId);
            vm.assertEq(RequestIds.pullId(rows[i].gate, rows[i].consumer, rows[i].salt), rows[i].requestId);
        }
    }

    function hubId(address hub, address requester, bytes32 salt, Terms calldata terms) external view returns (bytes32) {
        return RequestIds.hubId(hub, requester, salt, terms);
    }

    function member(uint256 row, string memory name) private view returns (bytes memory) {
        string[3] memory rows = ["0", "1", "2"];
        return vm.parseJson(json, string.concat("$.hubRequests[", rows[row], "].", name));
    }
}
