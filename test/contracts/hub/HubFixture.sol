// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { InferenceHub } from "../../../contracts/hub/InferenceHub.sol";
import { IEvidenceGate } from "../../../contracts/interfaces/IEvidenceGate.sol";
import { RequestKey, Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { MockGate } from "../../../contracts/mocks/MockGate.sol";
import { TestToken } from "../../../contracts/mocks/TestToken.sol";
import { FAMILY_SIGNED, PRESET_SIGNED } from "../../../contracts/types/Constants.sol";
import { Answer, Evidence } from "../../../contracts/types/Evidence.sol";
import { Statement } from "../../../contracts/types/Statement.sol";
import { vm } from "../support/Vm.sol";

/// @notice A hub over a gate without cryptography, a token, actors, and builders with defaults.
abstract contract HubFixture {
    bytes internal constant INPUT = hex"0102030405060708";
    bytes internal constant OUTPUT = hex"07";
    bytes32 internal constant SALT = keccak256("salt");
    uint96 internal constant FEE = 1 ether;
    uint40 internal constant START = 1_800_000_000; // unix seconds

    address internal immutable requester = address(0xA11CE);
    address internal immutable refundee = address(0xBEEF);
    address internal immutable executor = address(0xE0);
    address internal immutable stranger = address(0x57A);

    MockGate internal gate;
    TestToken internal token;
    InferenceHub internal hub;

    function setUp() public virtual {
        gate = new MockGate();
        token = new TestToken();
        hub = new InferenceHub(gate, address(token));
        vm.warp(START);
        vm.deal(requester, 1_000 ether);
        token.mint(requester, 1_000 ether);
        vm.prank(requester);
        token.approve(address(hub), type(uint256).max);
    }

    /// @dev Terms of a request without callback, fee in the native token, one named executor, an hour of time.
    function aTerms() internal view returns (Terms memory terms) {
        terms.modelId = keccak256("model");
        terms.inputHash = keccak256(INPUT);
        terms.policy = PRESET_SIGNED;
        terms.executors = new address[](1);
        terms.executors[0] = executor;
        terms.feeWei = FEE;
        terms.deadline = START + 3_600;
        terms.refundee = refundee;
    }

    /// @dev The preimage of a request of the requester under the usual salt.
    function keyOf(Terms memory terms) internal view returns (RequestKey memory) {
        return RequestKey(requester, SALT, terms);
    }

    /// @dev Makes the request as the requester and returns its key and id.
    function open(Terms memory terms) internal returns (RequestKey memory key, bytes32 requestId) {
        key = keyOf(terms);
        vm.prank(requester);
        requestId = hub.request{ value: terms.token == address(0) ? terms.feeWei : 0 }(terms, SALT, INPUT, "");
    }

    /// @dev The answer that the model gives.
    function anAnswer(RequestKey memory key) internal view returns (Answer memory answer) {
        answer.statement = Statement({
            requestId: hub.requestIdOf(key),
            modelId: key.terms.modelId,
            configHash: key.terms.configHash,
            inputHash: key.terms.inputHash,
            outputHash: keccak256(OUTPUT),
            contextHash: 0,
            executor: executor,
            issuedAt: uint64(block.timestamp),
            round: 0,
            resultCode: 0
        });
        answer.output = OUTPUT;
    }

    /// @dev The failure that the executor says.
    function aFailure(RequestKey memory key, uint8 resultCode) internal view returns (Answer memory answer) {
        answer = anAnswer(key);
        answer.statement.resultCode = resultCode;
        answer.statement.outputHash = 0;
        answer.output = "";
    }

    /// @dev One item of the mock gate for this statement.
    function evidenceFor(Statement memory statement) internal view returns (Evidence[] memory) {
        return evidenceOf(statement, FAMILY_SIGNED);
    }

    /// @dev One item of a family of choice.
    function evidenceOf(Statement memory statement, uint8 family) internal view returns (Evidence[] memory items) {
        items = new Evidence[](1);
        items[0] = Evidence(family, abi.encode(gate.digestOf(statement)));
    }

    /// @dev Brings the answer as a stranger.
    function deliver(RequestKey memory key) internal {
        Answer memory answer = anAnswer(key);
        Evidence[] memory evidence = evidenceFor(answer.statement);
        vm.prank(stranger);
        hub.fulfil(key, answer, evidence);
    }

    /// @dev Error data of a policy that the mock gate refuses.
    function notCanonical(uint256 policy) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IEvidenceGate.PolicyNotCanonical.selector, policy);
    }
}
