// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IExecutorRegistry, KeyState, SigningKey } from "../interfaces/IExecutorRegistry.sol";

/// @title  ExecutorRegistry
/// @notice Who signs for an executor, and what it has at stake. Everybody speaks for itself only; there is no admin.
contract ExecutorRegistry is IExecutorRegistry {
    using SafeCast for uint256;

    /// @notice Stake of one executor. 1 slot.
    struct Stake {
        uint96 countingWei;
        uint96 announcedWei; // on its way out; does not count
        uint40 availableAt; // unix seconds, inclusive; 0 = nothing announced
    }

    /// @notice From announcing a withdrawal to being paid, seconds.
    uint40 public constant WITHDRAWAL_DELAY = 7 days;

    mapping(address executor => SigningKey) private _current;
    /// @dev Keys that are no longer current, and the state in which they ended; None for keys that never were.
    mapping(address executor => mapping(address key => KeyState)) private _spent;
    mapping(address executor => Stake) private _stakes;

    /// @inheritdoc IExecutorRegistry
    function setKey(address key, uint40 notBefore, uint40 notAfter) external {
        if (key == address(0)) revert KeyIsZero();
        if (notBefore > notAfter || notAfter < block.timestamp) revert WindowInvalid(notBefore, notAfter);
        KeyState state = keyState(msg.sender, key);
        if (state == KeyState.Retired || state == KeyState.Compromised) revert KeySpent(msg.sender, key, state);

        // The same key again only gets a new window.
        SigningKey storage current = _current[msg.sender];
        if (current.state == KeyState.Active && current.key != key) _spend(current, KeyState.Retired);
        _current[msg.sender] = SigningKey(key, notBefore, notAfter, KeyState.Active);
        emit KeySet(msg.sender, key, notBefore, notAfter);
    }

    /// @inheritdoc IExecutorRegistry
    function retireKey() external {
        SigningKey storage current = _current[msg.sender];
        if (current.state != KeyState.Active) revert NoKey(msg.sender);

        _spend(current, KeyState.Retired);
    }

    /// @inheritdoc IExecutorRegistry
    function reportCompromised(address key) external {
        KeyState state = keyState(msg.sender, key);
        if (state == KeyState.None) revert NoKey(msg.sender);
        if (state == KeyState.Compromised) revert KeySpent(msg.sender, key, state);

        SigningKey storage current = _current[msg.sender];
        if (current.key == key) {
            _spend(current, KeyState.Compromised);
        } else {
            _spent[msg.sender][key] = KeyState.Compromised;
            emit KeyCompromised(msg.sender, key);
        }
    }

    /// @inheritdoc IExecutorRegistry
    function deposit() external payable {
        if (msg.value == 0) revert AmountIsZero();

        Stake storage stake = _stakes[msg.sender];
        stake.countingWei += msg.value.toUint96();
        emit StakeDeposited(msg.sender, msg.value, stake.countingWei);
    }

    /// @inheritdoc IExecutorRegistry
    function announceWithdrawal(uint96 amountWei) external {
        Stake storage stake = _stakes[msg.sender];
        if (amountWei == 0) revert AmountIsZero();
        if (amountWei > stake.countingWei) revert StakeInsufficient(amountWei, stake.countingWei);

        // Announcing more starts the delay of all of it again.
        stake.countingWei -= amountWei;
        stake.announcedWei += amountWei;
        stake.availableAt = uint40(block.timestamp) + WITHDRAWAL_DELAY;
        emit WithdrawalAnnounced(msg.sender, amountWei, stake.availableAt);
    }

    /// @inheritdoc IExecutorRegistry
    function cancelWithdrawal() external {
        Stake storage stake = _stakes[msg.sender];
        uint96 amountWei = stake.announcedWei;
        if (amountWei == 0) revert NothingAnnounced(msg.sender);

        stake.countingWei += amountWei;
        stake.announcedWei = 0;
        stake.availableAt = 0;
        emit WithdrawalCancelled(msg.sender, amountWei);
    }

    /// @inheritdoc IExecutorRegistry
    function withdraw(address to) external {
        Stake storage stake = _stakes[msg.sender];
        uint96 amountWei = stake.announcedWei;
        if (amountWei == 0) revert NothingAnnounced(msg.sender);
        if (block.timestamp < stake.availableAt) revert WithdrawalNotDue(stake.availableAt, block.timestamp);

        stake.announcedWei = 0;
        stake.availableAt = 0;
        emit StakeWithdrawn(msg.sender, to, amountWei);

        (bool paid, ) = to.call{ value: amountWei }("");
        if (!paid) revert TransferFailed(to, amountWei);
    }

    /// @inheritdoc IExecutorRegistry
    function currentKey(address executor) external view returns (address key) {
        SigningKey memory current = _current[executor];
        if (!_isValidNow(current)) {
            revert KeyNotValid(executor, current.key, current.state, current.notBefore, current.notAfter);
        }
        return current.key;
    }

    /// @inheritdoc IExecutorRegistry
    function canSign(address executor) external view returns (bool) {
        return _isValidNow(_current[executor]);
    }

    /// @inheritdoc IExecutorRegistry
    function keyRecord(address executor) external view returns (SigningKey memory) {
        return _current[executor];
    }

    /// @inheritdoc IExecutorRegistry
    function stakeOf(address executor) external view returns (uint256 stakeWei) {
        return _stakes[executor].countingWei;
    }

    /// @inheritdoc IExecutorRegistry
    function withdrawalOf(address executor) external view returns (uint256 announcedWei, uint40 availableAt) {
        Stake storage stake = _stakes[executor];
        return (stake.announcedWei, stake.availableAt);
    }

    /// @inheritdoc IExecutorRegistry
    function keyState(address executor, address key) public view returns (KeyState) {
        SigningKey storage current = _current[executor];
        return current.key == key ? current.state : _spent[executor][key];
    }

    /// @dev Ends msg.sender's current key and remembers how, for when another takes its place.
    function _spend(SigningKey storage current, KeyState state) private {
        address key = current.key;
        current.state = state;
        _spent[msg.sender][key] = state;
        if (state == KeyState.Retired) emit KeyRetired(msg.sender, key);
        else emit KeyCompromised(msg.sender, key);
    }

    function _isValidNow(SigningKey memory key) private view returns (bool) {
        return key.state == KeyState.Active && key.notBefore <= block.timestamp && block.timestamp <= key.notAfter;
    }
}
