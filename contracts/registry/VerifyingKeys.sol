// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IGroth16Verifier } from "../interfaces/IGroth16Verifier.sol";
import { IModelRegistry, KnownAnswer, SetupKind } from "../interfaces/IModelRegistry.sol";
import { IVerifierRouter } from "../interfaces/IVerifierRouter.sol";
import { CodeStore } from "../libraries/CodeStore.sol";
import { KeyLint } from "../libraries/KeyLint.sol";
import { KnownAnswers } from "../libraries/KnownAnswers.sol";
import { ModelIds } from "../libraries/ModelIds.sol";
import { FAMILY_ZK_GROTH16 } from "../types/Constants.sol";
import { IoSpecLib } from "../types/IoSpec.sol";

/// @title  VerifyingKeys
/// @notice Keys as data: linted and tried once, dead for ever once somebody proves two outputs for their canary.
/// @dev A key is one (vkHash, ioSpec). Under another ioSpec the same signals mean other bytes, so whoever registered
/// somebody's key under a false ioSpec could "break" it; only the false one dies of that.
abstract contract VerifyingKeys is IModelRegistry {
    using IoSpecLib for uint256;
    using KnownAnswers for KnownAnswer;
    using SafeCast for uint256;

    /// @notice What is kept of one (vkHash, ioSpec). 3 slots.
    struct Key {
        // slot 0 (20 + 1 + 11 = 32 bytes)
        address pointer; // CodeStore contract, shared by all ioSpecs of one vkHash
        bool broken; // only ever set
        uint88 bountyWei; // 0 once broken
        // slot 1
        bytes32 vkHash;
        // slot 2
        bytes32 canaryHash; // keccak256(abi.encode(KnownAnswer))
    }

    /// @dev Gas for what this contract does between the check and the call, so that the verifier really gets its cap.
    uint256 private constant GAS_MARGIN = 10_000;

    /// @inheritdoc IModelRegistry
    IVerifierRouter public immutable override router;

    mapping(uint256 keyNumber => Key) internal _keys;
    mapping(bytes32 vkHash => mapping(uint256 ioSpec => uint48 keyNumber)) private _keyNumbers;
    /// @inheritdoc IModelRegistry
    mapping(bytes32 vkHash => address pointer) public override keyPointer;
    /// @inheritdoc IModelRegistry
    mapping(address account => uint256 amountWei) public override creditOf;
    uint48 private _keyCount;

    constructor(IVerifierRouter verifierRouter) {
        router = verifierRouter;
    }

    /// @inheritdoc IModelRegistry
    function breakCanary(
        bytes32 vkHash,
        uint256 ioSpec,
        KnownAnswer calldata canary,
        KnownAnswer calldata claim
    ) external {
        Key storage key = _keys[_soundKey(vkHash, ioSpec)];
        bytes32 canaryHash = keccak256(abi.encode(canary));
        if (canaryHash != key.canaryHash) revert CanaryMismatch(key.canaryHash, canaryHash);
        uint256 bind = ModelIds.canaryBind(address(this), vkHash, msg.sender);
        if (!claim.contradicts(canary, ioSpec, bind)) revert CanaryNotBroken();
        uint256[] memory signals = claim.signalsOf(ioSpec, vkHash, bind);
        if (!_isProven(key.pointer, signals, claim.proof)) revert CanaryNotBroken();

        uint256 bountyWei = key.bountyWei;
        key.broken = true;
        key.bountyWei = 0;
        creditOf[msg.sender] += bountyWei;
        emit CanaryBroken(vkHash, ioSpec, msg.sender, bountyWei);
    }

    /// @inheritdoc IModelRegistry
    function withdrawBounty(address to) external {
        uint256 amountWei = creditOf[msg.sender];
        if (amountWei == 0) revert NothingToWithdraw(msg.sender);
        creditOf[msg.sender] = 0;
        emit BountyWithdrawn(msg.sender, to, amountWei);

        (bool paid, ) = to.call{ value: amountWei }("");
        if (!paid) revert TransferFailed(to, amountWei);
    }

    /// @inheritdoc IModelRegistry
    function bountyOf(bytes32 vkHash, uint256 ioSpec) external view returns (uint256 bountyWei) {
        return _keys[_keyNumbers[vkHash][ioSpec]].bountyWei;
    }

    /// @dev Locks msg.value for whoever breaks the key. Anybody can forge with a development key, so it gets none.
    function _addBounty(bytes32 vkHash, uint256 ioSpec, SetupKind kind) internal {
        if (kind == SetupKind.None || kind == SetupKind.Dev) revert BountyForbidden(kind);
        _keys[_keyNumbers[vkHash][ioSpec]].bountyWei += msg.value.toUint88();
        emit BountyAdded(vkHash, ioSpec, msg.sender, msg.value);
    }

    /// @dev Number of a key: the stored one, or a new one after lint and trial.
    function _numberOf(
        bytes32 vkHash,
        uint256 ioSpec,
        bytes calldata keyBytes,
        KnownAnswer calldata known
    ) internal returns (uint48 keyNumber) {
        if (_keyNumbers[vkHash][ioSpec] != 0) return _soundKey(vkHash, ioSpec);
        if (keyBytes.length == 0) revert KeyMissing(vkHash, ioSpec);
        bytes32 actualHash = keccak256(keyBytes);
        if (actualHash != vkHash) revert VkHashMismatch(vkHash, actualHash);
        KeyLint.requireSound(keyBytes, ioSpec.signalCount());

        address pointer = keyPointer[vkHash];
        if (pointer == address(0)) keyPointer[vkHash] = pointer = CodeStore.write(keyBytes);
        _requireKnownAnswer(pointer, vkHash, ioSpec, known);
        keyNumber = ++_keyCount;
        _keyNumbers[vkHash][ioSpec] = keyNumber;
        _keys[keyNumber] = Key(pointer, false, 0, vkHash, keccak256(abi.encode(known)));
        emit KeyStored(vkHash, ioSpec, pointer, known);
    }

    /// @dev Number of a stored key that is not broken.
    function _soundKey(bytes32 vkHash, uint256 ioSpec) private view returns (uint48 keyNumber) {
        keyNumber = _keyNumbers[vkHash][ioSpec];
        if (keyNumber == 0) revert KeyMissing(vkHash, ioSpec);
        if (_keys[keyNumber].broken) revert KeyBroken(vkHash, ioSpec);
    }

    /// @dev The key proves the known answer, and the same proof does not fit a changed output.
    function _requireKnownAnswer(
        address pointer,
        bytes32 vkHash,
        uint256 ioSpec,
        KnownAnswer calldata known
    ) private view {
        if (!known.fits(ioSpec)) revert KnownAnswerInvalid();
        uint256 bind = ModelIds.unboundBind(vkHash);
        uint256[] memory signals = known.signalsOf(ioSpec, vkHash, bind);
        if (!_isProven(pointer, signals, known.proof)) revert KnownAnswerInvalid();
        signals = known.flippedSignalsOf(ioSpec, vkHash, bind);
        if (_isProven(pointer, signals, known.proof)) revert FlippedOutputAccepted();
    }

    /// @dev Asks the family's current verifier. Only its own ProofInvalid counts as "no"; every other failure is passed
    /// on, and it always gets its whole gas cap, so that nobody can starve it into a "no".
    function _isProven(
        address pointer,
        uint256[] memory signals,
        uint256[8] calldata proof
    ) private view returns (bool) {
        (address verifier, uint32 gasCap) = router.current(FAMILY_ZK_GROTH16);
        uint256 availableGas = gasleft() - gasleft() / 64;
        if (availableGas < gasCap + GAS_MARGIN) revert InsufficientVerifierGas(gasCap, availableGas);

        try IGroth16Verifier(verifier).verify{ gas: gasCap }(pointer, signals, proof) returns (bytes4 magic) {
            if (magic != IGroth16Verifier.verify.selector) revert VerifierAnswerInvalid(magic);
            return true;
        } catch (bytes memory reason) {
            if (keccak256(reason) == keccak256(abi.encodeWithSelector(IGroth16Verifier.ProofInvalid.selector))) {
                return false;
            }
            // Passes the verifier's own error on.
            assembly ("memory-safe") {
                revert(add(reason, 0x20), mload(reason))
            }
        }
    }
}
