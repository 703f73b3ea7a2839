// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IInferenceHub, RequestKey, Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { Bn254 } from "../../../contracts/libraries/Bn254.sol";
import { MoodyConsumer } from "../../../contracts/mocks/consumers/HostileConsumers.sol";
import { Answer } from "../../../contracts/types/Evidence.sol";
import { HubFixture } from "../hub/HubFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice A signature holds for whatever its executor took for a commitment, the hash of bytes included.
contract CommittedOutputAttacks is HubFixture {
    MoodyConsumer private consumer;
    RequestKey private key;

    function setUp() public override {
        super.setUp();
        gate.setCommitted(false, true);
        consumer = new MoodyConsumer();
        Terms memory terms = aTerms();
        (terms.callback, terms.callbackGas) = (address(consumer), 500_000);
        (key, ) = open(terms);
    }

    /// @dev The first callback fails, so that a second one could bring bytes that no ioSpec allows.
    function test_retryCallback_RevertWhen_CommitmentIsTheHashOfBytes() public {
        bytes memory smuggled = bytesWithHashInField();
        bytes32 hash = keccak256(smuggled);
        Answer memory answer = anAnswer(key);
        (answer.statement.outputHash, answer.output) = (hash, "");
        hub.fulfil(key, answer, evidenceFor(answer.statement));
        consumer.setWilling(true);

        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.OutputHashMismatch.selector, hash, hash));
        hub.retryCallback(key, smuggled);

        hub.retryCallback(key, "");
        vm.assertEq(consumer.lastOutput(), "");
    }

    /// @dev One hash in five is a field element.
    function bytesWithHashInField() private pure returns (bytes memory smuggled) {
        for (uint256 i; ; ++i) {
            smuggled = abi.encode(i);
            if (uint256(keccak256(smuggled)) < Bn254.P) return smuggled;
        }
    }
}
