// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { IAttestationPolicy } from "../interfaces/IAttestationPolicy.sol";
import { Attestation, IAttestationVerifier } from "../interfaces/IAttestationVerifier.sol";
import { EnclaveRecord, EnclaveState, ITeeRegistry, Registration } from "../interfaces/ITeeRegistry.sol";
import { IVerifierRouter } from "../interfaces/IVerifierRouter.sol";
import { CodeStore } from "../libraries/CodeStore.sol";
import { EnclaveBindings } from "../libraries/EnclaveBindings.sol";
import { EnclaveBinding, EnclaveIds } from "../libraries/EnclaveIds.sol";
import { EnclaveRules } from "../libraries/EnclaveRules.sol";
import { Signatures } from "../libraries/Signatures.sol";
import { DOMAIN_NAME, DOMAIN_VERSION, TAG_CHALLENGE } from "../types/Constants.sol";
import { packHead } from "../types/EnclaveHead.sol";
import { EnclaveRecords } from "./EnclaveRecords.sol";

/// @title  TeeRegistry
/// @notice Challenge, evidence, registration: an enclave key is attested once, and every statement it signs then costs
/// one signature check.
contract TeeRegistry is EnclaveRecords, EIP712 {
    /// @notice A challenge that was not used yet. 1 slot.
    struct Challenge {
        address operator;
        uint64 deadline; // unix seconds, inclusive
    }

    /// @dev Long enough for the transactions that fill a certificate cache; the only freshness TDX and SGX quotes have.
    uint64 private constant CHALLENGE_SECONDS = 1 hours;
    /// @dev How many blocks back the chain knows a hash.
    uint256 private constant KNOWN_BLOCKS = 256;
    bytes32 private constant POSSESSION_TYPEHASH = keccak256("Possession(bytes32 bindingHash)");
    bytes32 private constant HEARTBEAT_TYPEHASH = keccak256(
        "Heartbeat(bytes32 enclaveId,bytes32 blockHash,uint64 blockNumber)"
    );

    /// @inheritdoc ITeeRegistry
    mapping(bytes32 challenge => Challenge) public override challengeOf;
    /// @inheritdoc ITeeRegistry
    mapping(address signer => bytes32 enclaveId) public override enclaveOf;
    /// @inheritdoc ITeeRegistry
    mapping(address operator => mapping(bytes32 measurementId => uint64)) public override keyEpochOf;
    uint256 private _challengeCount;

    constructor(
        IAttestationPolicy attestationPolicy,
        IVerifierRouter verifierRouter
    ) EnclaveRecords(attestationPolicy, verifierRouter) EIP712(DOMAIN_NAME, DOMAIN_VERSION) {}

    /// @inheritdoc ITeeRegistry
    function requestChallenge() external returns (bytes32 challenge, uint64 deadline) {
        deadline = uint64(block.timestamp) + CHALLENGE_SECONDS;
        uint256 newestBlock = block.number - 1;
        bytes32 newest = blockhash(newestBlock);
        if (newest == 0) revert ChallengeForeseeable(newestBlock);

        challenge = keccak256(
            abi.encode(TAG_CHALLENGE, block.chainid, address(this), msg.sender, ++_challengeCount, newest)
        );
        challengeOf[challenge] = Challenge(msg.sender, deadline);
        emit ChallengeIssued(challenge, msg.sender, deadline);
    }

    /// @inheritdoc ITeeRegistry
    function register(
        Registration calldata registration,
        bytes calldata document,
        bytes calldata collateral,
        bytes calldata possession
    ) external returns (bytes32 enclaveId) {
        EnclaveRules.requireSound(registration);
        EnclaveBinding memory binding = _takeChallenge(registration);
        bytes32 bindingHash = EnclaveIds.bindingHashOf(binding);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(POSSESSION_TYPEHASH, bindingHash)));
        Signatures.requireSigned(digest, binding.signer, possession);

        EnclaveRecord memory record = _newRecord(registration);
        Attestation memory attestation = _attest(record, document, collateral);
        if (!EnclaveBindings.isBound(record.family, attestation.userData, bindingHash)) {
            revert BindingMismatch(bindingHash, attestation.userData);
        }
        _limit(record, attestation);

        return _store(record, binding, keccak256(document), attestation.traits);
    }

    /// @inheritdoc ITeeRegistry
    function heartbeat(bytes32 enclaveId, uint64 blockNumber, bytes calldata signature) external {
        EnclaveRecord memory record = _load(enclaveId);
        if (record.heartbeatSeconds == 0) revert HeartbeatNotAsked(enclaveId);
        _requireUsable(enclaveId, packHead(record));
        bytes32 blockHash = _recentBlock(blockNumber, record.heartbeatBlock);
        bytes32 beat = keccak256(abi.encode(HEARTBEAT_TYPEHASH, enclaveId, blockHash, blockNumber));
        Signatures.requireSigned(_hashTypedDataV4(beat), record.signer, signature);

        record.validUntil = EnclaveRules.silenceEnd(record.heartbeatSeconds, record.notAfter);
        record.heartbeatBlock = blockNumber;
        _save(enclaveId, record);
        emit EnclaveHeard(enclaveId, blockNumber, record.validUntil);
    }

    /// @inheritdoc ITeeRegistry
    function refresh(bytes32 enclaveId) external {
        EnclaveRecord memory record = _load(enclaveId);
        _requireRunning(enclaveId, packHead(record));
        record.notAfter = _requireUnrestricted(enclaveId);
        if (record.validUntil > record.notAfter) record.validUntil = record.notAfter;

        record.checkedAt = uint40(block.timestamp);
        _save(enclaveId, record);
        emit EnclaveRefreshed(enclaveId, record.validUntil, record.notAfter);
    }

    /// @inheritdoc ITeeRegistry
    function retire(bytes32 enclaveId) external {
        EnclaveRecord memory record = _operated(enclaveId);
        if (record.state != EnclaveState.Active) revert EnclaveNotActive(enclaveId, record.state);

        record.state = EnclaveState.Retired;
        _save(enclaveId, record);
        emit EnclaveRetired(enclaveId);
    }

    /// @inheritdoc ITeeRegistry
    function reportCompromised(bytes32 enclaveId) external {
        EnclaveRecord memory record = _operated(enclaveId);
        if (record.state == EnclaveState.Compromised) revert EnclaveNotActive(enclaveId, record.state);

        record.state = EnclaveState.Compromised;
        _save(enclaveId, record);
        emit EnclaveCompromised(enclaveId);
    }

    /// @dev Uses the challenge up, before anything else is called.
    function _takeChallenge(Registration calldata registration) private returns (EnclaveBinding memory) {
        bytes32 challenge = registration.challenge;
        Challenge memory issued = challengeOf[challenge];
        if (issued.operator != msg.sender) revert ChallengeUnknown(challenge, msg.sender);
        if (block.timestamp > issued.deadline) revert ChallengeExpired(challenge, issued.deadline, block.timestamp);

        delete challengeOf[challenge];
        return
            EnclaveBinding({
                chainId: block.chainid,
                registry: address(this),
                operator: msg.sender,
                signer: registration.signer,
                keyEpoch: registration.keyEpoch,
                challenge: challenge,
                deadline: issued.deadline,
                claims: registration.claims
            });
    }

    /// @dev What is known of a record before its document was verified.
    function _newRecord(Registration calldata registration) private view returns (EnclaveRecord memory record) {
        record.signer = registration.signer;
        record.family = registration.family;
        record.state = EnclaveState.Active;
        record.operator = msg.sender;
        record.claimClass = registration.claims.claimClass;
        record.heartbeatSeconds = registration.heartbeatSeconds;
        record.registeredAt = uint40(block.timestamp);
        record.checkedAt = uint40(block.timestamp);
        record.keyEpoch = registration.keyEpoch;
        if (record.heartbeatSeconds != 0) record.heartbeatBlock = uint64(block.number);
    }

    /// @dev Has the family's current verifier judge the document, and notes which that was.
    function _attest(
        EnclaveRecord memory record,
        bytes calldata document,
        bytes calldata collateral
    ) private returns (Attestation memory attestation) {
        uint8 family = record.family;
        (address code, uint32 gasCap) = router.current(family);
        IAttestationVerifier verifier = IAttestationVerifier(code);
        uint8 actual = verifier.family();
        if (actual != family) revert VerifierMisplaced(family, actual);
        record.simulated = verifier.isSimulated();
        if (record.simulated) _requireDevelopmentChain();
        record.selector = router.currentSelector(family);

        bytes4 magic;
        (magic, attestation) = verifier.verify{ gas: gasCap }(document, collateral);
        if (magic != IAttestationVerifier.verify.selector) revert AttestationAnswerInvalid(family, magic);
    }

    /// @dev How long a record lives, by its family, its document and what governance says of its measurement now.
    function _limit(EnclaveRecord memory record, Attestation memory attestation) private view {
        record.measurementId = attestation.measurementId;
        uint32 maxLifetimeSeconds = _requireGoodMeasurement(attestation.measurementId).maxLifetimeSeconds;
        record.notAfter = EnclaveRules.lifeEnd(record.family, maxLifetimeSeconds, attestation.notAfter);
        record.validUntil = EnclaveRules.silenceEnd(record.heartbeatSeconds, record.notAfter);
    }

    /// @dev One key is registered once, and in the order of its operator's key epochs.
    function _store(
        EnclaveRecord memory record,
        EnclaveBinding memory binding,
        bytes32 documentHash,
        bytes32[] memory attested
    ) private returns (bytes32 enclaveId) {
        (address signer, bytes32 measurementId) = (record.signer, record.measurementId);
        if (enclaveOf[signer] != 0) revert SignerTaken(signer, enclaveOf[signer]);
        uint64 newest = keyEpochOf[record.operator][measurementId];
        if (record.keyEpoch <= newest) revert KeyEpochStale(record.keyEpoch, newest);
        enclaveId = EnclaveIds.enclaveIdOf(address(this), record.family, measurementId, signer, record.keyEpoch);
        bytes32[] memory traits = EnclaveRules.withEnclave(attested, enclaveId);
        policy.requireGood(traits);

        record.traitsPointer = CodeStore.write(abi.encode(traits));
        enclaveOf[signer] = enclaveId;
        keyEpochOf[record.operator][measurementId] = record.keyEpoch;
        _save(enclaveId, record);
        emit EnclaveRegistered(enclaveId, record.operator, measurementId, binding, record, documentHash, traits);
    }

    /// @dev Hash of a block that the chain still knows and that no earlier heartbeat saw.
    function _recentBlock(uint64 blockNumber, uint64 lastBlock) private view returns (bytes32 blockHash) {
        uint256 newest = block.number - 1;
        uint256 oldest = Math.max(uint256(lastBlock) + 1, Math.saturatingSub(block.number, KNOWN_BLOCKS));
        // 0 where a chain counts its blocks otherwise: as foreseeable as a challenge from it would be.
        blockHash = blockhash(blockNumber);
        if (blockNumber < oldest || blockNumber > newest || blockHash == 0) {
            revert HeartbeatBlockInvalid(blockNumber, oldest, newest);
        }
    }

    function _operated(bytes32 enclaveId) private view returns (EnclaveRecord memory record) {
        record = _load(enclaveId);
        if (record.operator != msg.sender) revert OperatorMismatch(enclaveId, msg.sender, record.operator);
    }
}
