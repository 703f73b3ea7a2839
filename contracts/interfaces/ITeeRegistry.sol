// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { EnclaveBinding, EnclaveClaims } from "../libraries/EnclaveIds.sol";
import { IAttestationPolicy, Standing } from "./IAttestationPolicy.sol";
import { IVerifierRouter } from "./IVerifierRouter.sol";

/// @notice What its operator says of an enclave key; only moves forward.
enum EnclaveState {
    None, // never registered
    Active,
    Retired, // replaced in the ordinary course
    Compromised // somebody else may hold the key
}

/// @notice What an operator brings to register an enclave's key.
struct Registration {
    uint8 family; // a FAMILY_TEE_* of types/Constants.sol
    address signer; // the key made inside
    uint64 keyEpoch; // above every earlier one of this operator and measurement
    bytes32 challenge; // of `requestChallenge`
    EnclaveClaims claims; // what the enclave says of itself, part of the attested binding
    uint32 heartbeatSeconds; // the longest silence the operator allows its enclave; 0 = any
}

/// @notice What is kept of one enclave key.
struct EnclaveRecord {
    address signer;
    uint40 validUntil; // unix seconds, inclusive; the end of its life, or of the silence it is allowed
    uint40 notAfter; // unix seconds, inclusive; the end of its life, which only ever comes nearer
    uint8 family;
    EnclaveState state;
    address operator;
    bytes4 selector; // of the verifier it was registered through
    uint40 checkedAt; // unix seconds; when governance last held nothing against it
    uint8 claimClass; // CLAIM_COMPUTE or CLAIM_GATEWAY of types/Constants.sol
    bool simulated; // attested under a development root, whose key everybody has
    bytes32 measurementId;
    address traitsPointer; // CodeStore contract with the ids that can be revoked, enclaveId last
    uint32 heartbeatSeconds; // 0 = none asked
    uint40 registeredAt; // unix seconds
    uint64 keyEpoch;
    uint64 heartbeatBlock; // number of the block that its last heartbeat saw, at first of its own; 0 = none asked
}

/// @title  TeeRegistry
/// @notice Enclave keys, each bound once by a verified attestation document to a measurement and an operator. Nobody
/// owns the registry: trust is taken away by AttestationPolicy, VerifierRouter and each operator.
/// @dev Signatures over digests revert with the errors of ISignedVerifier: one signature has one form.
interface ITeeRegistry {
    event ChallengeIssued(bytes32 indexed challenge, address indexed operator, uint64 deadline);
    /// @notice All of a record, and the preimages of its ids: what an explorer needs to check the document again.
    /// @param documentHash keccak256 of the attestation document.
    /// @param traits       Ids that can be revoked: root, certificates, platform, and enclaveId last.
    event EnclaveRegistered(
        bytes32 indexed enclaveId,
        address indexed operator,
        bytes32 indexed measurementId,
        EnclaveBinding binding,
        EnclaveRecord enclave,
        bytes32 documentHash,
        bytes32[] traits
    );
    event EnclaveHeard(bytes32 indexed enclaveId, uint64 blockNumber, uint40 validUntil);
    event EnclaveRefreshed(bytes32 indexed enclaveId, uint40 validUntil, uint40 notAfter);
    event EnclaveRetired(bytes32 indexed enclaveId);
    event EnclaveCompromised(bytes32 indexed enclaveId);

    /// @notice No such challenge was issued to this operator, or it was used.
    error ChallengeUnknown(bytes32 challenge, address operator);
    error ChallengeExpired(bytes32 challenge, uint64 deadline, uint256 timestamp);
    /// @notice The chain does not tell the hash of this block, so anybody could have known the challenge beforehand.
    error ChallengeForeseeable(uint256 blockNumber);
    /// @notice Neither COMPUTE without upstream nor GATEWAY with one, or no digest of the program.
    error ClaimsInvalid(uint8 claimClass, bytes32 upstreamHash, bytes32 binaryDigest);
    /// @notice The family is none of the TEE families.
    error FamilyNotATee(uint8 family);
    /// @notice The family's verifier says that it verifies another family.
    error VerifierMisplaced(uint8 family, uint8 actual);
    /// @notice The verifier answered something else than its magic value.
    error AttestationAnswerInvalid(uint8 family, bytes4 magic);
    /// @notice A stand-in under a development root, outside chains 31337 and 1337.
    error NotADevelopmentChain(uint256 chainId);
    /// @notice The document is genuine, but was not made for this registration.
    error BindingMismatch(bytes32 bindingHash, bytes userData);
    /// @notice A key is registered once, for ever.
    error SignerTaken(address signer, bytes32 enclaveId);
    error KeyEpochStale(uint64 keyEpoch, uint64 newest);
    error EnclaveUnknown(bytes32 enclaveId);
    error FamilyMismatch(bytes32 enclaveId, uint8 expected, uint8 actual);
    /// @notice Somebody else operates the enclave.
    error OperatorMismatch(bytes32 enclaveId, address expected, address actual);
    /// @notice The operator retired the key or reported it compromised.
    error EnclaveNotActive(bytes32 enclaveId, EnclaveState state);
    error EnclaveExpired(bytes32 enclaveId, uint256 notAfter, uint256 timestamp);
    /// @notice The enclave was silent for longer than its operator allows; it cannot come back.
    error HeartbeatMissed(bytes32 enclaveId, uint40 validUntil, uint256 timestamp);
    /// @notice The verifier that the enclave was registered through was stopped or replaced.
    error VerifierNotCurrent(bytes32 enclaveId, bytes4 selector, bytes4 current);
    error MeasurementRevoked(bytes32 measurementId, Standing standing);
    /// @notice No heartbeats are asked of this enclave.
    error HeartbeatNotAsked(bytes32 enclaveId);
    /// @notice A heartbeat must have seen a block after the last one's, at most 256 blocks ago.
    error HeartbeatBlockInvalid(uint64 blockNumber, uint256 oldest, uint256 newest);

    /// @notice Issues a challenge to msg.sender, good for one registration within an hour.
    /// @dev Nobody knows it before this block, so a document that contains it is younger than that.
    /// @return challenge What the enclave must have attested, by the binding.
    /// @return deadline  Unix seconds, inclusive; part of the binding.
    function requestChallenge() external returns (bytes32 challenge, uint64 deadline);

    /// @notice Registers an enclave key; msg.sender is its operator.
    /// @param document   Attestation document whose user data is the bindingHash of EnclaveIds: 32 bytes or nitriding's 68
    ///                   (Nitro), 64 bytes with 32 zero bytes behind it (TDX and SGX).
    /// @param collateral What the family's verifier needs beside it.
    /// @param possession 65 bytes by the signer: EIP-712 `Possession(bytes32 bindingHash)`, domain {"Assay", "1", chain,
    ///                   this registry}.
    function register(
        Registration calldata registration,
        bytes calldata document,
        bytes calldata collateral,
        bytes calldata possession
    ) external returns (bytes32 enclaveId);

    /// @notice Shows that an enclave is still there: anybody may bring its signature.
    /// @dev It moves validUntil towards notAfter, which it never moves. A signature can be held back while its block still
    /// counts, so a dead enclave's record may outlive the silence it is allowed by 256 blocks.
    /// @param blockNumber Of a block after that of the last heartbeat, at most 256 blocks ago.
    /// @param signature   65 bytes by the enclave: EIP-712 `Heartbeat(bytes32 enclaveId,bytes32 blockHash,uint64
    ///                    blockNumber)`, same domain.
    function heartbeat(bytes32 enclaveId, uint64 blockNumber, bytes calldata signature) external;

    /// @notice Notes that nothing governance restricted since concerns this enclave, which makes its use cheaper from the
    /// second after the restriction on; what shortens its life is applied to the record. Anybody may call; reverts as
    /// `keyOf` does.
    function refresh(bytes32 enclaveId) external;

    /// @notice Its operator ends a key in the ordinary course; what it signed before stays good off chain.
    function retire(bytes32 enclaveId) external;

    /// @notice Its operator says that somebody else may hold the key, also of one that is retired or expired.
    function reportCompromised(bytes32 enclaveId) external;

    /// @notice The key that may sign statements now, for exactly this family and operator; reverts with what speaks
    /// against it. Everything is checked again: state, life, heartbeat, verifier, traits, measurement, chain.
    /// @return signer        Whose signature counts.
    /// @return measurementId What code runs inside; whether it may attest a model is the model's business.
    /// @return claimClass    CLAIM_COMPUTE or CLAIM_GATEWAY.
    /// @return simulated     Attested under a development root.
    function keyOf(
        bytes32 enclaveId,
        uint8 family,
        address operator
    ) external view returns (address signer, bytes32 measurementId, uint8 claimClass, bool simulated);

    /// @notice The record as stored, whatever it is worth now; reverts EnclaveUnknown.
    function enclave(bytes32 enclaveId) external view returns (EnclaveRecord memory);
    /// @notice Everything of an enclave that can be revoked, enclaveId last; reverts EnclaveUnknown.
    function traitsOf(bytes32 enclaveId) external view returns (bytes32[] memory);
    /// @notice Enclave that a key was registered for; 0 = none.
    function enclaveOf(address signer) external view returns (bytes32 enclaveId);
    /// @notice Newest key epoch of an operator's enclaves of one measurement; 0 = none.
    function keyEpochOf(address operator, bytes32 measurementId) external view returns (uint64);
    /// @notice What a challenge was issued for; operator 0 when it is unknown or used.
    function challengeOf(bytes32 challenge) external view returns (address operator, uint64 deadline);
    /// @notice What governance revoked.
    function policy() external view returns (IAttestationPolicy);
    /// @notice Which names each family's verifier.
    function router() external view returns (IVerifierRouter);
}
