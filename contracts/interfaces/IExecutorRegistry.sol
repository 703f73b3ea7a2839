// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice Where an executor's signing key stands. Retired: stopped signing. Compromised: was never to be believed again.
enum KeyState {
    None,
    Active,
    Retired,
    Compromised
}

/// @notice The current signing key of one executor. 1 slot.
struct SigningKey {
    address key;
    uint40 notBefore; // unix seconds, inclusive
    uint40 notAfter; // unix seconds, inclusive
    KeyState state;
}

/// @title  ExecutorRegistry
/// @notice executor -> one signing key with a validity window; and its stake in the first form (nothing slashes yet).
interface IExecutorRegistry {
    event KeySet(address indexed executor, address indexed key, uint40 notBefore, uint40 notAfter);
    event KeyRetired(address indexed executor, address indexed key);
    event KeyCompromised(address indexed executor, address indexed key);
    event StakeDeposited(address indexed executor, uint256 amountWei, uint256 stakeWei);
    event WithdrawalAnnounced(address indexed executor, uint256 amountWei, uint40 availableAt);
    event WithdrawalCancelled(address indexed executor, uint256 amountWei);
    event StakeWithdrawn(address indexed executor, address indexed to, uint256 amountWei);

    /// @notice The executor has no key that is valid now.
    error KeyNotValid(address executor, address key, KeyState state, uint40 notBefore, uint40 notAfter);
    /// @notice This key was retired or reported compromised by this executor; it can never be its key again.
    error KeySpent(address executor, address key, KeyState state);
    error KeyIsZero();
    error WindowInvalid(uint40 notBefore, uint40 notAfter);
    error NoKey(address executor);
    error StakeInsufficient(uint256 requestedWei, uint256 availableWei);
    error WithdrawalNotDue(uint40 availableAt, uint256 timestamp);
    error NothingAnnounced(address executor);
    error AmountIsZero();
    error TransferFailed(address to, uint256 amountWei);

    /// @notice Sets msg.sender's signing key; an earlier one is retired at once.
    function setKey(address key, uint40 notBefore, uint40 notAfter) external;
    /// @notice Retires msg.sender's current key: nothing it signs is accepted from now on; past receipts stand with a warning.
    function retireKey() external;
    /// @notice Marks a key of msg.sender compromised, current or past: receipts signed by it are refused from now on.
    function reportCompromised(address key) external;
    /// @notice Adds to msg.sender's stake.
    function deposit() external payable;
    /// @notice Announces a withdrawal; announced stake stops counting at once and is available after seven days.
    function announceWithdrawal(uint96 amountWei) external;
    /// @notice Puts announced stake back.
    function cancelWithdrawal() external;
    /// @notice Pays announced stake out once it is due.
    function withdraw(address to) external;

    /// @notice The executor's key if it is valid now; reverts KeyNotValid otherwise.
    function currentKey(address executor) external view returns (address key);
    /// @notice Whether the executor has a key that is valid now.
    function canSign(address executor) external view returns (bool);
    /// @notice The record as stored.
    function keyRecord(address executor) external view returns (SigningKey memory);
    /// @notice What is known of one key of one executor, current or past.
    function keyState(address executor, address key) external view returns (KeyState);
    /// @notice Stake that counts: deposits less what is announced for withdrawal, wei.
    function stakeOf(address executor) external view returns (uint256 stakeWei);
    /// @notice Stake on its way out, wei, and from when it can be withdrawn, unix seconds.
    function withdrawalOf(address executor) external view returns (uint256 announcedWei, uint40 availableAt);
}
