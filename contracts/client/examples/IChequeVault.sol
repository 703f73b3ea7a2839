// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Answer, Evidence } from "../../types/Evidence.sol";

/// @notice Where a cheque stands.
enum ChequeState {
    None,
    Written,
    Presented,
    Held,
    Paid,
    Stopped
}

/// @notice One cheque.
struct Cheque {
    address drawer;
    ChequeState state;
    address payee;
    uint8 amount; // units, 0 to 9: named by the payee when Presented, proven when Held or Paid
    bytes32 imageHash; // keccak256 of its picture
    bytes32 readingSalt; // of the latest presentation
    bytes32 decisionSalt;
}

/// @notice What the vault remembers of one drawer.
struct Account {
    uint128 balanceWei;
    uint40 openedAt; // unix seconds of the first deposit
    uint24 paid; // cheques paid
    uint24 held; // cheques held
    uint24 presentations; // cheques presented on `day`
    uint16 day; // of the latest presentation, days since 1970
}

/// @notice The models that the vault relies on, and who may run them.
struct Desk {
    bytes32 readingModel; // 64 pixels of 0 to 16 -> digit (ArgMax)
    uint256 readingPolicy; // must hold a proof in every clause
    bytes32 decisionModel; // 8 numbers of 0 to 255 -> 0 hold, 1 pay (ArgMax); models/argmax-8-4-2.onnx
    address[] executors; // who may answer; the decision is only signed, so it needs names
}

/// @notice One answer with its evidence, as an executor publishes it.
struct Brought {
    Answer answer;
    Evidence[] evidence;
}

/// @title  ChequeVault
/// @notice Pays cheques from their pictures: one model reads the amount, a second one decides whether to pay or hold.
interface IChequeVault {
    event Deposited(address indexed account, uint256 amountWei);
    event Withdrawn(address indexed account, address indexed to, uint256 amountWei);
    event ChequeWritten(uint256 indexed chequeId, address indexed drawer, address indexed payee, bytes32 imageHash);
    event ChequePresented(uint256 indexed chequeId, uint8 amount, bytes32 readingSalt, bytes32 decisionSalt);
    event ChequeHeld(uint256 indexed chequeId, uint8 amount);
    event ChequePaid(uint256 indexed chequeId, uint8 amount, uint256 amountWei);
    event ChequeStopped(uint256 indexed chequeId);

    /// @notice The cheque is not in a state that allows this.
    error ChequeStateWrong(uint256 chequeId, ChequeState state);
    /// @notice Only the drawer or only the payee may do this.
    error CallerWrong(address expected, address caller);
    /// @notice The picture is not the one the drawer committed to.
    error ImageMismatch(bytes32 expected, bytes32 actual);
    error AmountTooLarge(uint256 amount, uint256 allowed);
    /// @notice The proven amount is not the one that the payee named and the decision was made on.
    error AmountMismatch(uint256 read, uint256 decidedOn);
    /// @notice The account does not hold that much.
    error FundsTooLow(address account, uint256 balanceWei, uint256 neededWei);
    error TransferFailed(address to, uint256 amountWei);

    /// @notice Adds to the caller's account.
    function deposit() external payable;
    /// @notice Pays out from the caller's account.
    function withdraw(address to, uint256 amountWei) external;
    /// @notice Writes a cheque on the caller's account: whoever holds this picture and is the payee can present it.
    function write(address payee, bytes32 imageHash) external returns (uint256 chequeId);
    /// @notice The payee shows the picture, says which amount it reads, and so orders both inferences.
    /// @param amount Units, 0 to 9.
    function present(uint256 chequeId, bytes calldata image, uint8 amount) external;
    /// @notice Brings both answers; pays or holds. Anyone may call. All or nothing.
    function cash(uint256 chequeId, Brought calldata reading, Brought calldata decision) external;
    /// @notice The drawer lets a held cheque be paid.
    function release(uint256 chequeId) external;
    /// @notice The drawer stops a cheque that is not paid yet.
    function stop(uint256 chequeId) external;

    /// @notice Wei per unit written on a cheque.
    function unitWei() external view returns (uint256);
    /// @notice A cheque as stored.
    function chequeOf(uint256 chequeId) external view returns (Cheque memory);
    /// @notice An account as stored.
    function accountOf(address owner) external view returns (Account memory);
    /// @notice The eight numbers that the second model decides on, if the cheque were presented now.
    function featuresOf(uint256 chequeId, uint8 amount) external view returns (bytes memory);
}
