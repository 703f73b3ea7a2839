// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    IModelRegistry,
    KeyView,
    KnownAnswer,
    ModelRecord,
    ModelSpec,
    Publication,
    Semantics,
    Setup
} from "../interfaces/IModelRegistry.sol";
import { IVerifierRouter } from "../interfaces/IVerifierRouter.sol";
import { ModelIds } from "../libraries/ModelIds.sol";
import { ModelRules } from "../libraries/ModelRules.sol";
import { ModelHead, packHead } from "../types/ModelHead.sol";
import { NamedMeasurements } from "./NamedMeasurements.sol";
import { VerifyingKeys } from "./VerifyingKeys.sol";

/// @title  ModelRegistry
/// @notice Immutable model versions. Nobody, its owner included, can change or remove one.
contract ModelRegistry is VerifyingKeys, NamedMeasurements {
    /// @notice What is kept of one version; the rest of its content is in its event. 3 slots.
    struct Model {
        // slot 0
        ModelHead head;
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
        Publication calldata publication
    ) external payable returns (bytes32 modelId) {
        ModelRules.requireSound(spec, setup);
        if (spec.derivedFrom != 0 && !exists(spec.derivedFrom)) revert UnknownParent(spec.derivedFrom);
        modelId = ModelIds.modelId(msg.sender, ModelIds.contentHash(spec));
        if (exists(modelId)) revert ModelExists(modelId);

        uint48 keyNumber = spec.vkHash == 0 ? 0 : _numberOf(spec.vkHash, spec.ioSpec, key, known);
        _models[modelId] = Model({
            head: packHead(spec.ioSpec, spec.semantics, setup.kind, uint40(block.timestamp), keyNumber),
            owner: msg.sender,
            transcriptHash: setup.transcriptHash
        });
        emit ModelRegistered(modelId, msg.sender, spec.vkHash, spec, setup, publication.uri);
        _nameAtOnce(modelId, publication.measurements);
        if (msg.value != 0) _addBounty(spec.vkHash, spec.ioSpec, setup.kind);
    }

    /// @inheritdoc IModelRegistry
    function record(bytes32 modelId) external view returns (ModelRecord memory) {
        ModelHead head = _headOf(modelId);
        Key memory key = _keys[head.keyNumber()];
        return
            ModelRecord({
                keyPointer: key.pointer,
                semantics: head.semantics(),
                setupKind: head.setupKind(),
                registeredAt: head.registeredAt(),
                owner: _models[modelId].owner,
                ioSpec: head.ioSpec(),
                vkHash: key.vkHash,
                transcriptHash: _models[modelId].transcriptHash,
                broken: key.broken
            });
    }

    /// @inheritdoc IModelRegistry
    function outline(bytes32 modelId) external view returns (Semantics semantics, bool hasKey, uint256 ioSpec) {
        ModelHead head = _headOf(modelId);
        return (head.semantics(), head.keyNumber() != 0, head.ioSpec());
    }

    /// @inheritdoc IModelRegistry
    function keyOf(bytes32 modelId) external view returns (KeyView memory) {
        ModelHead head = _headOf(modelId);
        Key storage key = _keys[head.keyNumber()];
        uint256 ioSpec = head.ioSpec();
        if (key.broken) revert KeyBroken(key.vkHash, ioSpec);
        return KeyView(key.pointer, head.semantics(), head.setupKind(), ioSpec);
    }

    /// @inheritdoc IModelRegistry
    function canProve(bytes32 modelId) external view returns (bool) {
        Key storage key = _keys[_headOf(modelId).keyNumber()];
        return key.pointer != address(0) && !key.broken;
    }

    /// @inheritdoc IModelRegistry
    function exists(bytes32 modelId) public view returns (bool) {
        return ModelHead.unwrap(_models[modelId].head) != 0;
    }

    /// @inheritdoc NamedMeasurements
    function _ownerOf(bytes32 modelId) internal view override returns (address owner) {
        owner = _models[modelId].owner;
        if (owner == address(0)) revert UnknownModel(modelId);
    }

    function _headOf(bytes32 modelId) private view returns (ModelHead head) {
        head = _models[modelId].head;
        if (ModelHead.unwrap(head) == 0) revert UnknownModel(modelId);
    }
}
