// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    IModelRegistry,
    KeyView,
    KnownAnswer,
    ModelRecord,
    ModelSpec,
    Semantics,
    Setup,
    SetupKind
} from "../interfaces/IModelRegistry.sol";
import { IVerifierRouter } from "../interfaces/IVerifierRouter.sol";
import { ModelIds } from "../libraries/ModelIds.sol";
import { ModelRules } from "../libraries/ModelRules.sol";
import { VerifyingKeys } from "./VerifyingKeys.sol";

/// @title  ModelRegistry
/// @notice Immutable model versions. Nobody, its owner included, can change or remove one.
contract ModelRegistry is VerifyingKeys {
    /// @notice What is kept of one version; the rest of its content is in its event. 3 slots.
    struct Model {
        // slot 0: all that the gate needs besides the key (15 + 1 + 1 + 5 + 6 = 28 bytes)
        uint120 ioSpec;
        Semantics semantics; // None = unknown id
        SetupKind setupKind;
        uint40 registeredAt; // unix seconds
        uint48 keyNumber; // 0 = no key; a number because the hash would take a slot of its own
        // slot 1
        address owner;
        // slot 2
        bytes32 transcriptHash;
    }

    mapping(bytes32 modelId => Model) private _models;

    constructor(IVerifierRouter verifierRouter) VerifyingKeys(verifierRouter) {}

    /// @inheritdoc IModelRegistry
    function register(
        ModelSpec calldata spec,
        Setup calldata setup,
        bytes calldata key,
        KnownAnswer calldata known,
        string calldata uri
    ) external payable returns (bytes32 modelId) {
        ModelRules.requireSound(spec, setup);
        if (spec.derivedFrom != 0 && !exists(spec.derivedFrom)) revert UnknownParent(spec.derivedFrom);
        modelId = ModelIds.modelId(msg.sender, ModelIds.contentHash(spec));
        if (exists(modelId)) revert ModelExists(modelId);

        uint48 keyNumber = spec.vkHash == 0 ? 0 : _numberOf(spec.vkHash, spec.ioSpec, key, known);
        _models[modelId] = Model({
            ioSpec: uint120(spec.ioSpec), // a sound ioSpec has no bit above
            semantics: spec.semantics,
            setupKind: setup.kind,
            registeredAt: uint40(block.timestamp),
            keyNumber: keyNumber,
            owner: msg.sender,
            transcriptHash: setup.transcriptHash
        });
        emit ModelRegistered(modelId, msg.sender, spec.vkHash, spec, setup, uri);
        if (msg.value != 0) _addBounty(spec.vkHash, spec.ioSpec, setup.kind);
    }

    /// @inheritdoc IModelRegistry
    function record(bytes32 modelId) external view returns (ModelRecord memory) {
        Model storage model = _known(modelId);
        Key storage key = _keys[model.keyNumber];
        return
            ModelRecord({
                keyPointer: key.pointer,
                semantics: model.semantics,
                setupKind: model.setupKind,
                registeredAt: model.registeredAt,
                owner: model.owner,
                ioSpec: model.ioSpec,
                vkHash: key.vkHash,
                transcriptHash: model.transcriptHash,
                broken: key.broken
            });
    }

    /// @inheritdoc IModelRegistry
    function outline(bytes32 modelId) external view returns (Semantics semantics, bool hasKey, uint256 ioSpec) {
        Model storage model = _known(modelId);
        return (model.semantics, model.keyNumber != 0, model.ioSpec);
    }

    /// @inheritdoc IModelRegistry
    function keyOf(bytes32 modelId) external view returns (KeyView memory) {
        Model storage model = _known(modelId);
        Key storage key = _keys[model.keyNumber];
        if (key.broken) revert KeyBroken(key.vkHash, model.ioSpec);
        return KeyView(key.pointer, model.setupKind, model.ioSpec, key.vkHash);
    }

    /// @inheritdoc IModelRegistry
    function canProve(bytes32 modelId) external view returns (bool) {
        Key storage key = _keys[_known(modelId).keyNumber];
        return key.pointer != address(0) && !key.broken;
    }

    /// @inheritdoc IModelRegistry
    function exists(bytes32 modelId) public view returns (bool) {
        return _models[modelId].semantics != Semantics.None;
    }

    function _known(bytes32 modelId) private view returns (Model storage model) {
        model = _models[modelId];
        if (model.semantics == Semantics.None) revert UnknownModel(modelId);
    }
}
