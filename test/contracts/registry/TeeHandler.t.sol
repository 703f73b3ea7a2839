// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Standing } from "../../../contracts/interfaces/IAttestationPolicy.sol";
import { Attestation } from "../../../contracts/interfaces/IAttestationVerifier.sol";
import { EnclaveRecord, Registration } from "../../../contracts/interfaces/ITeeRegistry.sol";
import { MockAttestationVerifier } from "../../../contracts/mocks/MockAttestationVerifier.sol";
import { AttestationPolicy } from "../../../contracts/registry/AttestationPolicy.sol";
import { TeeRegistry } from "../../../contracts/registry/TeeRegistry.sol";
import { VerifierRouter } from "../../../contracts/verifiers/VerifierRouter.sol";
import { bound } from "../support/Bound.sol";
import { TeeFixture } from "../support/TeeFixture.sol";
import { vm } from "../support/Vm.sol";

/// @title  TeeHandler
/// @notice Does to registry, policy and router whatever the fuzzer draws, and remembers which enclaves were dead.
contract TeeHandler is TeeFixture {
    uint256 private constant MAX_ENCLAVES = 8;

    /// @notice Enclaves that were registered.
    bytes32[] public ids;
    /// @notice Whether a dead record was ever usable again, a life ever grew, or a used challenge or key was taken.
    bool public revived;
    bool public grew;
    bool public replayed;
    /// @notice How often each action succeeded, so that a run that did nothing shows.
    mapping(string action => uint256) public successes;

    mapping(bytes32 enclaveId => bool) private _dead;
    mapping(bytes32 enclaveId => uint40) private _notAfter;
    Registration[] private _used;
    bytes[] private _documents;

    constructor(TeeRegistry enclaves_, AttestationPolicy policy_, VerifierRouter router_) {
        (enclaves, attestationPolicy, router) = (enclaves_, policy_, router_);
    }

    function count() external view returns (uint256) {
        return ids.length;
    }

    function recordAt(uint256 index) external view returns (EnclaveRecord memory) {
        return enclaves.enclave(ids[index]);
    }

    function enrol(uint8 family, uint32 silence, uint256 code, uint64 life) external {
        if (ids.length == MAX_ENCLAVES) return;
        Registration memory registration = aRegistration(EXECUTOR);
        uint256 key = KEY_OF_ENCLAVE + _used.length;
        registration.family = uint8(bound(family, 1, 3));
        registration.signer = vm.addr(key);
        registration.keyEpoch = uint64(_used.length + 1);
        registration.heartbeatSeconds = silence % 2 == 0 ? 0 : uint32(bound(silence, 60, 2 days));
        Attestation memory attestation = anAttestation(registration);
        attestation.measurementId = bytes32(code % 3);
        attestation.notAfter = uint64(block.timestamp + bound(life, 0, 10 days));
        attestation.traits[1] = bytes32(code % 5);
        bytes memory document = aDocument(attestation);
        bytes memory possession = aPossessionBy(key, registration);

        vm.prank(EXECUTOR);
        try enclaves.register(registration, document, "", possession) returns (bytes32 enclaveId) {
            ids.push(enclaveId);
            _notAfter[enclaveId] = enclaves.enclave(enclaveId).notAfter;
            _used.push(registration);
            _documents.push(document);
            ++successes["enrol"];
        } catch {}
        _observe();
    }

    /// @dev The same registration again, and the same key under a fresh challenge.
    function replay(uint256 which) external {
        if (ids.length == 0) return;
        which %= ids.length;
        Registration memory registration = _used[which];
        bytes memory possession = aPossessionBy(KEY_OF_ENCLAVE + which, registration);
        _try(EXECUTOR, abi.encodeCall(enclaves.register, (registration, _documents[which], "", possession)));

        registration.challenge = aRegistration(EXECUTOR).challenge;
        registration.keyEpoch = uint64(_used.length + 1);
        bytes memory document = aDocument(anAttestation(registration));
        possession = aPossessionBy(KEY_OF_ENCLAVE + which, registration);
        _try(EXECUTOR, abi.encodeCall(enclaves.register, (registration, document, "", possession)));
    }

    function beat(uint256 which, uint256 back) external {
        if (ids.length == 0) return;
        which %= ids.length;
        uint64 blockNumber = uint64(block.number - bound(back, 1, 300));
        bytes memory signature = heartbeatOf(KEY_OF_ENCLAVE + which, ids[which], blockNumber);
        _do(
            "beat",
            address(enclaves),
            EXECUTOR,
            abi.encodeCall(enclaves.heartbeat, (ids[which], blockNumber, signature))
        );
    }

    function end(uint256 which, bool compromised) external {
        if (ids.length == 0 || which % 4 != 0) return;
        bytes32 id = ids[which % ids.length];
        bytes memory call =
            compromised ? abi.encodeCall(enclaves.reportCompromised, (id)) : abi.encodeCall(enclaves.retire, (id));
        _do("end", address(enclaves), EXECUTOR, call);
    }

    function refresh(uint256 which) external {
        if (ids.length == 0) return;
        bytes32 id = ids[which % ids.length];
        _do("refresh", address(enclaves), address(this), abi.encodeCall(enclaves.refresh, (id)));
    }

    function revokeTrait(uint256 which, bool compromised) external {
        Standing standing = compromised ? Standing.Compromised : Standing.Retired;
        bytes32 trait = bytes32(which % 5);
        _do("revoke", address(attestationPolicy), OWNER, abi.encodeCall(attestationPolicy.revoke, (trait, standing)));
    }

    function giveBack(uint256 which) external {
        bytes32 trait = bytes32(which % 5);
        bytes memory announce = abi.encodeCall(attestationPolicy.announceReinstatement, (trait));
        bytes memory reinstate = abi.encodeCall(attestationPolicy.reinstate, (trait));
        bool announced = attestationPolicy.dueAt(trait) != 0;
        _do("give back", address(attestationPolicy), OWNER, announced ? reinstate : announce);
    }

    function restrict(uint256 code, uint8 standing, uint32 life) external {
        bytes memory call = abi.encodeCall(
            attestationPolicy.restrictMeasurement,
            (bytes32(code % 3), Standing(standing % 3), uint32(bound(life, 0, 8 days)))
        );
        _do("restrict", address(attestationPolicy), OWNER, call);
    }

    function loosen(uint256 code, uint32 life) external {
        bytes32 id = bytes32(code % 3);
        uint32 seconds_ = uint32(bound(life, 0, 8 days));
        bytes memory announce = abi.encodeCall(attestationPolicy.announceMeasurement, (id, Standing.Good, seconds_));
        bytes memory apply_ = abi.encodeCall(attestationPolicy.applyMeasurement, (id));
        bool announced = attestationPolicy.dueAt(id) != 0;
        _do("loosen", address(attestationPolicy), OWNER, announced ? apply_ : announce);
    }

    function replaceVerifier(uint8 family) external {
        family = uint8(bound(family, 1, 3));
        bytes4 current = router.currentSelector(family);
        if (current != 0 && family != NITRO)
            return _do("stop", address(router), OWNER, abi.encodeCall(router.stop, (current)));
        address next = address(
            new MockAttestationVerifier(family, family == TDX, vm.addr(KEY_OF_VENDOR), attestationPolicy)
        );
        vm.prank(OWNER);
        bytes4 selector = router.propose(family, next, TEE_GAS_CAP);
        vm.warp(block.timestamp + DELAY);
        _do("replace", address(router), OWNER, abi.encodeCall(router.activate, (selector)));
    }

    function wait_(uint256 seconds_) external {
        seconds_ = bound(seconds_, 1, 12 hours);
        vm.warp(block.timestamp + seconds_);
        vm.roll(block.number + 1 + seconds_ / 12);
        _observe();
    }

    /// @dev An action that may be refused.
    function _do(string memory name, address target, address who, bytes memory call) private {
        vm.prank(who);
        (bool done, ) = target.call(call);
        if (done) ++successes[name];
        _observe();
    }

    /// @dev A registration that must be refused.
    function _try(address who, bytes memory call) private {
        vm.prank(who);
        (bool done, ) = address(enclaves).call(call);
        replayed = replayed || done;
        ++successes["replay"];
        _observe();
    }

    function _observe() private {
        for (uint256 i; i < ids.length; ++i) {
            bytes32 id = ids[i];
            EnclaveRecord memory record = enclaves.enclave(id);
            if (record.notAfter > _notAfter[id] || record.validUntil > record.notAfter) grew = true;
            _notAfter[id] = record.notAfter;
            try enclaves.keyOf(id, record.family, EXECUTOR) {
                if (_dead[id]) revived = true;
            } catch {
                _dead[id] = true;
            }
        }
    }
}
