// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { RequestKey } from "../../interfaces/IInferenceHub.sol";
import { Signers } from "../../types/Evidence.sol";

/// @notice Where the reading of one image stands.
enum ReadingState {
    None,
    Asked,
    Read,
    Failed
}

/// @notice What is known of one image. 1 slot.
struct Reading {
    address asker;
    ReadingState state;
    uint8 digit; // 0 to 9 when state is Read
    uint8 resultCode; // why state is Failed; see the table of result codes
}

/// @title  DigitOracle
/// @notice Anybody asks which digit an image shows, and says how sure the answer must be.
interface IDigitOracle {
    event DigitAsked(bytes32 indexed requestId, address indexed asker, uint256 policy);
    event DigitRead(bytes32 indexed requestId, uint8 digit);
    event DigitFailed(bytes32 indexed requestId, uint8 resultCode);

    /// @notice Only who asked may cancel.
    error NotAsker(address asker, address caller);

    /// @notice Asks for the digit on an image; msg.value is the fee, which goes back to the caller if nothing comes.
    /// @param image    64 pixels of 0 to 16, row by row.
    /// @param policy   At least `acceptedPolicy`.
    /// @param signers  Who may answer; a policy with signatures needs names or a stake.
    /// @param deadline Unix seconds, inclusive; at most 30 days ahead.
    function ask(
        bytes calldata image,
        uint256 policy,
        Signers calldata signers,
        uint40 deadline
    ) external payable returns (bytes32 requestId);
    /// @notice Makes the call of `cancel` that is due at the hub, for the caller's own question.
    function cancel(RequestKey calldata key) external;
    /// @notice Gas the callback gets, exactly: checks of the base, two storage words, one event. A fee has to cover it.
    function CALLBACK_GAS() external view returns (uint32);
    /// @notice The model version that reads the images.
    function modelId() external view returns (bytes32);
    /// @notice What is known of a question.
    function readingOf(bytes32 requestId) external view returns (Reading memory);
}
