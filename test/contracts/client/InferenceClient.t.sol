// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../../../contracts/interfaces/IEvidenceGate.sol";
import { IInferenceClient } from "../../../contracts/interfaces/IInferenceClient.sol";
import { IInferenceHub, RequestKey, Status, Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { RequestIds } from "../../../contracts/libraries/RequestIds.sol";
import { OpenClient } from "../../../contracts/mocks/consumers/OpenClient.sol";
import {
    FAMILY_SIGNED,
    FAMILY_ZK_GROTH16,
    PRESENT_DEVELOPMENT,
    PRESENT_SIMULATED,
    PRESET_QUORUM_3_OF_5,
    PRESET_SIGNED,
    PRESET_SIGNED_AND_ZK,
    PRESET_ZK,
    RESULT_MODEL_FAILED
} from "../../../contracts/types/Constants.sol";
import { Answer, Ask, Evidence, Signers } from "../../../contracts/types/Evidence.sol";
import { Statement } from "../../../contracts/types/Statement.sol";
import { HubFixture } from "../hub/HubFixture.sol";
import { Log, vm } from "../support/Vm.sol";

contract InferenceClientTest is HubFixture {
    bytes32 private constant REQUEST = keccak256("request");

    OpenClient private client;

    function setUp() public override {
        super.setUp();
        client = new OpenClient(hub, gate, PRESET_SIGNED, false);
        vm.deal(address(client), 100 ether);
    }

    function test_constructor_RevertWhen_PolicyNotCanonical() public {
        vm.expectRevert(notCanonical(5));
        new OpenClient(hub, gate, 5, false);
    }

    function test_request_awaitsItsAnswer() public {
        Terms memory terms = clientTerms();

        vm.recordLogs();
        bytes32 requestId = client.request(terms, INPUT, "");

        vm.assertTrue(client.isPending(requestId));
        vm.assertEq(uint256(hub.requestOf(requestId).status), uint256(Status.Open));
        (, Terms memory sent, , , ) = abi.decode(vm.getRecordedLogs()[0].data, (bytes32, Terms, bytes, string, uint16));
        vm.assertEq(sent.callback, address(client));
    }

    function test_request_isNeverTheSameTwice() public {
        vm.assertNotEq(client.request(clientTerms(), INPUT, ""), client.request(clientTerms(), INPUT, ""));
    }

    function test_request_RevertWhen_PolicyTooWeak() public {
        Terms memory terms = clientTerms();
        terms.policy = PRESET_ZK;
        expectTooWeak(PRESET_ZK);
        client.request(terms, INPUT, "");
    }

    function test_onInference_comesThroughTheHub() public {
        vm.recordLogs();
        bytes32 requestId = client.request(clientTerms(), INPUT, "");
        RequestKey memory key = sentKey(vm.getRecordedLogs()[0]);
        vm.assertEq(hub.requestIdOf(key), requestId);

        deliver(key);

        vm.assertEq(client.answers(), 1);
        vm.assertEq(client.lastOutput(), OUTPUT);
        vm.assertFalse(client.isPending(requestId));
    }

    function test_onInference_takesAFailureWhateverTheFamilies() public {
        client = new OpenClient(hub, gate, PRESET_SIGNED_AND_ZK, false);
        vm.deal(address(client), 100 ether);
        Terms memory terms = clientTerms();
        terms.policy = PRESET_SIGNED_AND_ZK;
        vm.recordLogs();
        client.request(terms, INPUT, "");
        RequestKey memory key = sentKey(vm.getRecordedLogs()[0]);
        Answer memory answer = aFailure(key, RESULT_MODEL_FAILED);

        hub.fulfil(key, answer, evidenceFor(answer.statement));

        vm.assertEq(client.failures(), 1);
        vm.assertEq(client.lastResultCode(), RESULT_MODEL_FAILED);
    }

    function test_onInference_RevertWhen_NotHub() public {
        bytes32 requestId = client.request(clientTerms(), INPUT, "");
        vm.expectRevert(abi.encodeWithSelector(IInferenceClient.NotHub.selector, stranger));
        vm.prank(stranger);
        client.onInference(requestId, 0, true, 1, OUTPUT);
    }

    function test_onInference_RevertWhen_NotAskedForHere() public {
        vm.expectRevert(abi.encodeWithSelector(IInferenceClient.RequestNotPending.selector, REQUEST));
        answerAsHub(REQUEST, 0, true, 1);
    }

    function test_onInference_RevertWhen_AnsweredAlready() public {
        bytes32 requestId = client.request(clientTerms(), INPUT, "");
        answerAsHub(requestId, 0, true, 1);

        vm.expectRevert(abi.encodeWithSelector(IInferenceClient.RequestNotPending.selector, requestId));
        answerAsHub(requestId, 0, true, 1);
        vm.assertEq(client.answers(), 1);
    }

    function test_onInference_RevertWhen_NotFinal() public {
        bytes32 requestId = client.request(clientTerms(), INPUT, "");
        vm.expectRevert(abi.encodeWithSelector(IInferenceClient.AnswerNotFinal.selector, requestId));
        answerAsHub(requestId, 0, false, 1);
    }

    function test_onInference_RevertWhen_DevelopmentOrSimulated() public {
        bytes32 requestId = client.request(clientTerms(), INPUT, "");
        uint16[2] memory bits = [PRESENT_DEVELOPMENT, PRESENT_SIMULATED];
        for (uint256 i = 0; i < 2; ++i) {
            uint16 present = 1 | bits[i];
            vm.expectRevert(abi.encodeWithSelector(IInferenceClient.DevelopmentEvidence.selector, present));
            answerAsHub(requestId, 0, true, present);
            vm.expectRevert(abi.encodeWithSelector(IInferenceClient.DevelopmentEvidence.selector, present));
            answerAsHub(requestId, RESULT_MODEL_FAILED, true, present);
        }
    }

    function test_onInference_takesDevelopmentIfAllowed() public {
        client = new OpenClient(hub, gate, PRESET_SIGNED, true);
        vm.deal(address(client), 100 ether);
        bytes32 requestId = client.request(clientTerms(), INPUT, "");

        answerAsHub(requestId, 0, true, 1 | PRESENT_DEVELOPMENT | PRESENT_SIMULATED);

        vm.assertEq(client.answers(), 1);
    }

    function test_onInference_RevertWhen_AcceptedPolicyNotMet() public {
        bytes32 requestId = client.request(clientTerms(), INPUT, "");
        uint16 proofOnly = uint16(1 << FAMILY_ZK_GROTH16);
        vm.expectRevert(
            abi.encodeWithSelector(IInferenceClient.AcceptedPolicyNotMet.selector, PRESET_SIGNED, proofOnly)
        );
        answerAsHub(requestId, 0, true, proofOnly);
    }

    function test_issuePull_announcesWhatIsWanted() public {
        vm.recordLogs();
        (bytes32 requestId, bytes32 salt) = client.issuePull(anAsk(), INPUT);

        Log memory log = vm.getRecordedLogs()[0];
        vm.assertEq(requestId, RequestIds.pullId(address(gate), address(client), salt));
        vm.assertEq(log.topics[0], IInferenceClient.PullRequested.selector);
        vm.assertEq(log.topics[1], requestId);
        vm.assertEq(log.topics[2], anAsk().modelId);
        vm.assertEq(
            log.data,
            abi.encode(salt, bytes32(0), PRESET_SIGNED, anAsk().signers.executors, uint96(5 ether), INPUT)
        );
    }

    function test_issuePull_neverIssuesASaltTwice() public {
        (, bytes32 first) = client.issuePull(anAsk(), INPUT);
        (, bytes32 second) = client.issuePull(anAsk(), INPUT);
        vm.assertNotEq(first, second);
    }

    function test_issuePull_RevertWhen_PolicyTooWeak() public {
        Ask memory ask = anAsk();
        ask.policy = PRESET_ZK;
        expectTooWeak(PRESET_ZK);
        client.issuePull(ask, INPUT);
    }

    function test_issuePull_RevertWhen_GateCannotMeetIt() public {
        client = new OpenClient(hub, gate, PRESET_QUORUM_3_OF_5, false);
        Ask memory ask = anAsk();
        ask.policy = PRESET_QUORUM_3_OF_5;
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.PolicyUnavailable.selector, PRESET_QUORUM_3_OF_5));
        client.issuePull(ask, INPUT);
    }

    function test_issuePull_RevertWhen_InputIsCommitted() public {
        gate.setCommitted(true, false);
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.InputMustStayPrivate.selector, anAsk().modelId));
        client.issuePull(anAsk(), INPUT);
    }

    function test_issuePrivatePull_announcesTheCommitmentAlone() public {
        gate.setCommitted(true, false);
        vm.recordLogs();
        (bytes32 requestId, bytes32 salt) = client.issuePrivatePull(anAsk(), keccak256(INPUT));

        Log memory log = vm.getRecordedLogs()[0];
        vm.assertEq(log.topics[0], IInferenceClient.PrivatePullRequested.selector);
        vm.assertEq(log.topics[1], requestId);
        vm.assertEq(
            log.data,
            abi.encode(salt, bytes32(0), PRESET_SIGNED, anAsk().signers.executors, uint96(5 ether), keccak256(INPUT))
        );
        (Answer memory answer, Evidence[] memory evidence) = pulled(requestId);
        vm.assertEq(client.consumePull(answer, anAsk(), salt, evidence), 1);
    }

    function test_issuePrivatePull_RevertWhen_InputIsPublic() public {
        vm.expectRevert(abi.encodeWithSelector(IInferenceClient.InputIsPublic.selector, anAsk().modelId));
        client.issuePrivatePull(anAsk(), keccak256(INPUT));
    }

    function test_issuePrivatePull_RevertWhen_PolicyTooWeak() public {
        Ask memory ask = anAsk();
        ask.policy = PRESET_ZK;
        expectTooWeak(PRESET_ZK);
        client.issuePrivatePull(ask, keccak256(INPUT));
    }

    function test_consumePull_burnsTheSalt() public {
        (bytes32 requestId, bytes32 salt) = client.issuePull(anAsk(), INPUT);
        (Answer memory answer, Evidence[] memory evidence) = pulled(requestId);

        uint16 present = client.consumePull(answer, anAsk(), salt, evidence);

        vm.assertEq(present, 1);
        vm.expectRevert(abi.encodeWithSelector(IInferenceClient.SaltNotIssued.selector, salt));
        client.consumePull(answer, anAsk(), salt, evidence);
    }

    function test_consumePull_RevertWhen_SaltNotIssued() public {
        (bytes32 requestId, ) = client.issuePull(anAsk(), INPUT);
        (Answer memory answer, Evidence[] memory evidence) = pulled(requestId);
        vm.expectRevert(abi.encodeWithSelector(IInferenceClient.SaltNotIssued.selector, SALT));
        client.consumePull(answer, anAsk(), SALT, evidence);
    }

    function test_consumePull_RevertWhen_AskIsAnother() public {
        (bytes32 requestId, bytes32 salt) = client.issuePull(anAsk(), INPUT);
        (Answer memory answer, Evidence[] memory evidence) = pulled(requestId);
        Ask memory other = anAsk();
        other.signers.minStakeWei -= 1;
        expectBoundElsewhere(salt, wanted(anAsk(), keccak256(INPUT)), wanted(other, keccak256(INPUT)));
        client.consumePull(answer, other, salt, evidence);
    }

    function test_consumePull_RevertWhen_InputIsAnother() public {
        (bytes32 requestId, bytes32 salt) = client.issuePull(anAsk(), INPUT);
        (Answer memory answer, Evidence[] memory evidence) = pulled(requestId);
        answer.statement.inputHash = keccak256("other");
        expectBoundElsewhere(salt, wanted(anAsk(), keccak256(INPUT)), wanted(anAsk(), keccak256("other")));
        client.consumePull(answer, anAsk(), salt, evidence);
    }

    function test_consumePull_RevertWhen_GateRefuses() public {
        (bytes32 requestId, bytes32 salt) = client.issuePull(anAsk(), INPUT);
        (Answer memory answer, Evidence[] memory evidence) = pulled(requestId);
        evidence[0].data = "";
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.EvidenceMalformed.selector, FAMILY_SIGNED));
        client.consumePull(answer, anAsk(), salt, evidence);
    }

    function test_consumePull_RevertWhen_Development() public {
        (bytes32 requestId, bytes32 salt) = client.issuePull(anAsk(), INPUT);
        (Answer memory answer, Evidence[] memory evidence) = pulled(requestId);
        gate.setExtraPresent(PRESENT_DEVELOPMENT);
        uint16 present = 1 | PRESENT_DEVELOPMENT;
        vm.expectRevert(abi.encodeWithSelector(IInferenceClient.DevelopmentEvidence.selector, present));
        client.consumePull(answer, anAsk(), salt, evidence);
    }

    function clientTerms() private view returns (Terms memory terms) {
        terms = aTerms();
        terms.callbackGas = 200_000;
    }

    function anAsk() private view returns (Ask memory) {
        return Ask(keccak256("model"), 0, PRESET_SIGNED, Signers(aTerms().executors, 5 ether));
    }

    function pulled(bytes32 requestId) private view returns (Answer memory answer, Evidence[] memory evidence) {
        answer.statement = Statement({
            requestId: requestId,
            modelId: anAsk().modelId,
            configHash: 0,
            inputHash: keccak256(INPUT),
            outputHash: keccak256(OUTPUT),
            contextHash: 0,
            executor: executor,
            issuedAt: uint64(block.timestamp),
            round: 0,
            resultCode: 0
        });
        answer.output = OUTPUT;
        evidence = evidenceFor(answer.statement);
    }

    function sentKey(Log memory log) private pure returns (RequestKey memory) {
        (bytes32 salt, Terms memory terms, , , ) = abi.decode(log.data, (bytes32, Terms, bytes, string, uint16));
        return RequestKey(address(uint160(uint256(log.topics[2]))), salt, terms);
    }

    function answerAsHub(bytes32 requestId, uint8 resultCode, bool isFinal, uint16 present) private {
        vm.prank(address(hub));
        client.onInference(requestId, resultCode, isFinal, present, OUTPUT);
    }

    function expectTooWeak(uint256 policy) private {
        vm.expectRevert(abi.encodeWithSelector(IInferenceClient.PolicyTooWeak.selector, policy, PRESET_SIGNED));
    }

    function expectBoundElsewhere(bytes32 salt, bytes32 issuedFor, bytes32 broughtFor) private {
        bytes4 selector = IInferenceClient.SaltBoundElsewhere.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, salt, issuedFor, broughtFor));
    }

    function wanted(Ask memory ask, bytes32 inputHash) private pure returns (bytes32) {
        return keccak256(abi.encode(ask, inputHash));
    }
}
