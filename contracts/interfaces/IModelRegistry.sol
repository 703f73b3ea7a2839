// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IVerifierRouter } from "./IVerifierRouter.sol";

/// @notice What kind of function a model version is. Values are part of contentHash.
enum Semantics {
    None,
    ExactInt, // integer graph, bit-exact everywhere; can be proven
    Float, // ordinary floating point; can be signed or attested
    Remote // somebody else's model behind an API; no artifact
}

/// @notice How the key of a version was made, as CLAIMED by its owner.
enum SetupKind {
    None,
    Dev, // toxic waste public on purpose; only chains 31337 and 1337
    Single,
    Ceremony
}

/// @notice What is hashed into contentHash.
struct ModelSpec {
    bytes32 artifactDigest; // sha256 of the artifact
    uint256 ioSpec; // types/IoSpec.sol; 0 allowed only without a key
    bytes32 schemaHash; // keccak256(JCS(schema))
    Semantics semantics;
    bytes32 vkHash; // keccak256 of the key bytes; 0 = no key
    bytes32 derivedFrom; // modelId of the version this one is made from; 0 = none
}

/// @notice What is claimed beside the content; stored per modelId.
struct Setup {
    SetupKind kind;
    bytes32 transcriptHash; // 0 unless there is a transcript
}

/// @notice One inference that the key must prove at registration; the canary from then on.
/// @dev bind = uint256(keccak256(abi.encode(T("unbound"), vkHash))) >> 3, so it is portable and comes in the manifest.
struct KnownAnswer {
    bytes input; // canonical; of a committed input the 32 bytes of its commitment
    bytes output; // likewise
    uint256[8] proof;
    uint256 c; // only for bound models, else 0
}

/// @notice Code that may attest a version: the owner vouches that it runs exactly this version and nothing else.
struct NamedMeasurement {
    uint8 family; // a FAMILY_TEE_* of types/Constants.sol
    bytes32 measurementId; // of libraries/EnclaveIds.sol
}

/// @notice What is published beside the content; no part of modelId.
struct Publication {
    string uri; // where the artifact can be fetched; not trusted, always hash-checked
    NamedMeasurement[] measurements; // count at once; others can be named later
}

/// @notice A named measurement of one family.
struct MeasurementName {
    bytes32 measurementId;
    uint40 countsFrom; // unix seconds, inclusive
}

/// @notice What the registry knows of one version.
struct ModelRecord {
    address keyPointer; // SSTORE2 contract with the key; 0 = no key
    Semantics semantics;
    SetupKind setupKind;
    uint40 registeredAt; // unix seconds
    address owner;
    uint256 ioSpec;
    bytes32 vkHash;
    bytes32 transcriptHash;
    bool broken; // the canary of this key was broken: nothing it proves is believed
}

/// @notice What is needed to verify a proof of one version. The key's hash is that of the bytes at `pointer`.
struct KeyView {
    address pointer; // SSTORE2 contract with the key; 0 = no key
    Semantics semantics;
    SetupKind setupKind;
    uint256 ioSpec;
}

/// @notice Why a verifying key was refused.
enum KeyFault {
    Length,
    CoordinateNotInField,
    PointAtInfinity,
    NotOnCurve,
    NotInSubgroup,
    GammaEqualsDelta,
    DeltaIsGenerator,
    DuplicateIc,
    BetaRepeated
}

/// @title  ModelRegistry
/// @notice Immutable model versions, and their verifying keys as data.
interface IModelRegistry {
    event ModelRegistered(
        bytes32 indexed modelId,
        address indexed owner,
        bytes32 indexed vkHash,
        ModelSpec spec,
        Setup setup,
        string uri
    );
    event MeasurementNamed(
        bytes32 indexed modelId,
        uint8 indexed family,
        bytes32 indexed measurementId,
        uint40 countsFrom
    );
    event MeasurementUnnamed(bytes32 indexed modelId, uint8 indexed family, bytes32 indexed measurementId);
    event KeyStored(bytes32 indexed vkHash, uint256 indexed ioSpec, address pointer, KnownAnswer knownAnswer);
    event BountyAdded(bytes32 indexed vkHash, uint256 indexed ioSpec, address indexed by, uint256 amountWei);
    event CanaryBroken(bytes32 indexed vkHash, uint256 indexed ioSpec, address indexed claimant, uint256 bountyWei);
    event BountyWithdrawn(address indexed claimant, address indexed to, uint256 amountWei);

    error UnknownModel(bytes32 modelId);
    error ModelExists(bytes32 modelId);
    error SpecInvalid(); // semantics None, or a key with other semantics than ExactInt, or artifact digest 0
    error IoSpecInvalid(uint256 ioSpec);
    error SetupInvalid(SetupKind kind, bytes32 vkHash); // a key without a setup kind, or the reverse
    /// @notice Keys of development setups exist only on chains 31337 and 1337.
    error DevSetupForbidden(uint256 chainId);
    error VkHashMismatch(bytes32 expected, bytes32 actual);
    error BadVerifyingKey(KeyFault fault, uint256 index);
    /// @notice The key is new here: its bytes and a known answer must be given.
    error KeyMissing(bytes32 vkHash, uint256 ioSpec);
    /// @notice The known answer does not verify under the key.
    error KnownAnswerInvalid();
    /// @notice The same proof also verifies for a changed output: the output is not bound.
    error FlippedOutputAccepted();
    error KeyBroken(bytes32 vkHash, uint256 ioSpec);
    error UnknownParent(bytes32 derivedFrom);
    error BountyForbidden(SetupKind kind);
    /// @notice The claim does not show a different output for the canary's input.
    error CanaryNotBroken();
    /// @notice What was brought as the canary is not the known answer that the key was stored with.
    error CanaryMismatch(bytes32 expected, bytes32 actual);
    /// @notice The verifier answered something else than its magic value.
    error VerifierAnswerInvalid(bytes4 magic);
    /// @notice Too little gas is left to give the verifier its cap, so its refusal would mean nothing.
    error InsufficientVerifierGas(uint256 gasCap, uint256 availableGas);
    /// @notice Only the owner of a version names what may attest it.
    error NotModelOwner(bytes32 modelId, address owner, address caller);
    /// @notice The family is none of the TEE families.
    error FamilyNotATee(uint8 family);
    error MeasurementAlreadyNamed(bytes32 modelId, uint8 family, bytes32 measurementId);
    error MeasurementNotNamed(bytes32 modelId, uint8 family, bytes32 measurementId);
    error TooManyMeasurements(bytes32 modelId, uint8 family, uint256 limit);
    error NothingToWithdraw(address account);
    error TransferFailed(address to, uint256 amountWei);

    /// @notice Registers one immutable version; msg.sender is its owner. msg.value is locked as bounty of its key.
    /// @param key         Verifying key bytes in EIP-197 order; may be empty when (vkHash, ioSpec) is stored already.
    /// @param known       Known answer for a key that is new here; ignored otherwise.
    /// @param publication Where the artifact is, and what may attest the version from now on.
    function register(
        ModelSpec calldata spec,
        Setup calldata setup,
        bytes calldata key,
        KnownAnswer calldata known,
        Publication calldata publication
    ) external payable returns (bytes32 modelId);

    /// @notice Names one more measurement that may attest a version, for everybody to see: it counts after one day.
    function nameMeasurement(bytes32 modelId, NamedMeasurement calldata named) external;

    /// @notice Takes a name back, at once; naming it again takes a day again.
    function unnameMeasurement(bytes32 modelId, NamedMeasurement calldata named) external;

    /// @notice Shows that a key proves two outputs for the canary's input; the key is dead for ever, msg.sender gets the bounty as credit.
    /// @dev bind of the claim = uint256(keccak256(abi.encode(T("canary"), chainid, registry, vkHash, msg.sender))) >> 3.
    /// A committed output has another commitment under every salt, so the claim's must be one that nobody can open: bind.
    function breakCanary(
        bytes32 vkHash,
        uint256 ioSpec,
        KnownAnswer calldata canary,
        KnownAnswer calldata claim
    ) external;

    /// @notice Pays the bounty credit of msg.sender.
    function withdrawBounty(address to) external;

    /// @notice The record of a version; reverts UnknownModel.
    function record(bytes32 modelId) external view returns (ModelRecord memory);
    /// @notice What the gate needs for evidence without ZK; reverts UnknownModel.
    function outline(bytes32 modelId) external view returns (Semantics semantics, bool hasKey, uint256 ioSpec);
    /// @notice What the gate needs to verify a proof, pointer 0 without a key; reverts UnknownModel, KeyBroken.
    function keyOf(bytes32 modelId) external view returns (KeyView memory);
    /// @notice Whether a version has a key that was not broken; reverts UnknownModel.
    function canProve(bytes32 modelId) external view returns (bool);
    /// @notice Whether enclaves of this family and measurement may attest a version now.
    function mayAttest(bytes32 modelId, uint8 family, bytes32 measurementId) external view returns (bool);
    /// @notice What its owner names for a version and family, at most 16 each, counting already or not.
    function measurementsOf(bytes32 modelId, uint8 family) external view returns (MeasurementName[] memory);
    /// @notice The router that names the verifier which keys are tried with.
    function router() external view returns (IVerifierRouter);
    /// @notice Where the bytes of a key are kept; 0 = not here.
    function keyPointer(bytes32 vkHash) external view returns (address pointer);
    /// @notice Bounty that breaking this key's canary pays, wei.
    function bountyOf(bytes32 vkHash, uint256 ioSpec) external view returns (uint256 bountyWei);
    /// @notice Bounty credit of an account, wei.
    function creditOf(address account) external view returns (uint256 amountWei);
    /// @notice Whether a version exists.
    function exists(bytes32 modelId) external view returns (bool);
}
