// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { InferenceHub } from "../../../contracts/hub/InferenceHub.sol";
import { RequestKey, Status, Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { MockGate } from "../../../contracts/mocks/MockGate.sol";
import { TestToken } from "../../../contracts/mocks/TestToken.sol";
import { PRESET_SIGNED } from "../../../contracts/types/Constants.sol";
import { Answer, Evidence } from "../../../contracts/types/Evidence.sol";
import { Statement } from "../../../contracts/types/Statement.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";

/// @title  HubHandler
/// @notice Does to the hub whatever the fuzzer draws, as six actors, and keeps its own books beside it.
contract HubHandler {
    bytes internal constant INPUT = hex"01";

    InferenceHub public immutable hub;
    MockGate public immutable gate;
    TestToken public immutable token;

    address[6] public actors = [
        address(0xA1),
        address(0xA2),
        address(0xA3),
        address(0xA4),
        address(0xA5),
        address(0xA6)
    ];
    address[] public callbacks;

    /// @notice What came in, what went out, what lies in open requests, by asset.
    mapping(address asset => uint256) public deposited;
    mapping(address asset => uint256) public withdrawn;
    mapping(address asset => uint256) public escrowed;
    /// @notice How often each request ended: delivered, errored or refunded.
    mapping(bytes32 requestId => uint256) public endings;
    /// @notice The status last seen, and whether one was ever left backwards.
    mapping(bytes32 requestId => Status) public lastStatus;
    bool public wentBackwards;
    /// @notice How often each action succeeded, so that a run that did nothing shows.
    mapping(string action => uint256) public successes;

    RequestKey[] private _keys;
    mapping(bytes32 requestId => bytes) private _outputs;

    constructor(InferenceHub hub_, MockGate gate_, TestToken token_, address[] memory callbacks_) {
        (hub, gate, token, callbacks) = (hub_, gate_, token_, callbacks_);
        for (uint256 i = 0; i < actors.length; ++i) {
            vm.deal(actors[i], 1_000_000 ether);
            token_.mint(actors[i], 1_000_000 ether);
            vm.prank(actors[i]);
            token_.approve(address(hub_), type(uint256).max);
        }
    }

    function request(uint256 who, uint96 fee, bool inToken, uint256 callback, uint256 ahead) external {
        Terms memory terms;
        terms.inputHash = keccak256(INPUT);
        terms.policy = PRESET_SIGNED;
        terms.executors = new address[](1);
        terms.executors[0] = actorOf(who / 7);
        terms.feeWei = uint96(bound(fee, 0, 10 ether));
        terms.token = inToken ? address(token) : address(0);
        terms.deadline = uint40(block.timestamp + bound(ahead, 0, 2_000));
        terms.refundee = actorOf(who / 49);
        if (callback % 2 == 0) (terms.callback, terms.callbackGas) = (callbacks[callback % callbacks.length], 60_000);
        RequestKey memory key = RequestKey(actorOf(who), bytes32(_keys.length), terms);

        vm.prank(key.requester);
        hub.request{ value: inToken ? 0 : terms.feeWei }(terms, key.salt, INPUT, "");

        deposited[terms.token] += terms.feeWei;
        escrowed[terms.token] += terms.feeWei;
        _keys.push(key);
        _observe(hub.requestIdOf(key), "request");
    }

    function fulfil(uint256 which, uint256 who, bool failure, bytes1 output) external {
        if (_keys.length == 0) return;
        RequestKey memory key = _keys[which % _keys.length];
        Answer memory answer;
        bytes32 requestId = hub.requestIdOf(key);
        bytes memory out = failure ? bytes("") : abi.encodePacked(output);
        answer.output = out;
        answer.statement = Statement({
            requestId: requestId,
            modelId: 0,
            configHash: 0,
            inputHash: key.terms.inputHash,
            outputHash: failure ? bytes32(0) : keccak256(out),
            contextHash: 0,
            executor: key.terms.executors[0],
            issuedAt: uint64(block.timestamp),
            round: 0,
            resultCode: failure ? 5 : 0
        });
        Evidence[] memory evidence = new Evidence[](1);
        evidence[0].data = abi.encode(gate.digestOf(answer.statement));

        vm.prank(actorOf(who));
        try hub.fulfil(key, answer, evidence) {
            _outputs[requestId] = out;
            _end(key, failure ? "fail" : "deliver");
        } catch {
            _observe(requestId, "");
        }
    }

    function cancel(uint256 which) external {
        if (_keys.length == 0) return;
        RequestKey memory key = _keys[which % _keys.length];

        vm.prank(key.requester);
        try hub.cancel(key) {
            if (hub.requestOf(hub.requestIdOf(key)).status == Status.Refunded) _end(key, "cancel");
        } catch {
            _observe(hub.requestIdOf(key), "");
        }
    }

    function refund(uint256 which, uint256 who) external {
        if (_keys.length == 0) return;
        RequestKey memory key = _keys[which % _keys.length];

        vm.prank(actorOf(who));
        try hub.refund(key) {
            _end(key, "refund");
        } catch {
            _observe(hub.requestIdOf(key), "");
        }
    }

    function retryCallback(uint256 which, uint256 who) external {
        if (_keys.length == 0) return;
        RequestKey memory key = _keys[which % _keys.length];
        bytes32 requestId = hub.requestIdOf(key);

        vm.prank(actorOf(who));
        try hub.retryCallback(key, _outputs[requestId]) {
            _observe(requestId, "retry");
        } catch {
            _observe(requestId, "");
        }
    }

    function withdraw(uint256 who, bool inToken) external {
        address asset = inToken ? address(token) : address(0);
        address account = actorOf(who);
        uint256 credit = hub.creditOf(account, asset);

        vm.prank(account);
        try hub.withdraw(asset, account) {
            withdrawn[asset] += credit;
            ++successes["withdraw"];
        } catch {}
    }

    function wait_(uint256 secondsToWait) external {
        vm.warp(block.timestamp + bound(secondsToWait, 0, 700));
    }

    function keyCount() external view returns (uint256) {
        return _keys.length;
    }

    function requestIdAt(uint256 index) external view returns (bytes32) {
        return hub.requestIdOf(_keys[index]);
    }

    /// @dev Credits of everybody who can have any, in one asset.
    function credits(address asset) external view returns (uint256 sum) {
        for (uint256 i = 0; i < actors.length; ++i) sum += hub.creditOf(actors[i], asset);
    }

    function actorOf(uint256 seed) public view returns (address) {
        return actors[seed % actors.length];
    }

    function _end(RequestKey memory key, string memory action) private {
        bytes32 requestId = hub.requestIdOf(key);
        escrowed[key.terms.token] -= key.terms.feeWei;
        ++endings[requestId];
        _observe(requestId, action);
    }

    /// @dev Legal are None -> Open -> one of Final, Errored, Refunded, and nothing from there.
    function _observe(bytes32 requestId, string memory action) private {
        Status before = lastStatus[requestId];
        Status current = hub.requestOf(requestId).status;
        bool same = current == before;
        bool opened = before == Status.None && current == Status.Open;
        bool ended =
            before == Status.Open &&
                (current == Status.Final || current == Status.Errored || current == Status.Refunded);
        if (!same && !opened && !ended) wentBackwards = true;
        lastStatus[requestId] = current;
        if (bytes(action).length != 0) ++successes[action];
    }
}
