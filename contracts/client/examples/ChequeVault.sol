// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEvidenceGate } from "../../interfaces/IEvidenceGate.sol";
import { IInferenceHub } from "../../interfaces/IInferenceHub.sol";
import { ClassOutput } from "../../libraries/ClassOutput.sol";
import { FAMILY_ZK_GROTH16, PRESET_SIGNED, PRESET_ZK } from "../../types/Constants.sol";
import { Ask, Signers } from "../../types/Evidence.sol";
import { PolicyLib } from "../../types/Policy.sol";
import { InferenceClient } from "../InferenceClient.sol";
import { Brought, Cheque, ChequeState, Desk, IChequeVault, Record } from "./IChequeVault.sol";

/// @title  ChequeVault
/// @notice Pays cheques from their pictures. Pull mode: two inferences under two policies in one transaction.
///
///   write    the drawer commits to the picture of a cheque and to its payee
///   present  the payee shows the picture and says which digit it reads: two salts are issued, two events ask for
///              reading    picture -> digit         must be PROVEN: the amount of money hangs on it
///              decision   eight numbers -> pay?    SIGNED by a named executor is enough: the worst it can do is to
///                                                  hold a good cheque, or pay one that the drawer did write
///   cash     anybody brings both answers with their evidence. The digit that was read must be the first number the
///            decision was made on; then the cheque is paid or held. If anything is wrong, nothing happened and both
///            salts are still good.
///
/// @dev The decision's input contains the digit before it is proven, because the payee has to name it: a bank slip says
/// the amount too. That makes both inferences independent, so executors work on them at the same time, and the chain
/// only has to compare. The other seven numbers come from the vault's own books, so nobody can choose them.
contract ChequeVault is InferenceClient, IChequeVault {
    using ClassOutput for bytes;
    using PolicyLib for uint256;

    /// @notice The class of the decision model that pays; every other class holds.
    uint256 public constant PAY = 1;
    /// @notice Greatest amount on a cheque, units: one digit.
    uint256 public constant MAX_AMOUNT = 9;
    /// @notice Greatest value of a number in the decision's input.
    uint256 public constant FEATURE_MAX = 15;
    /// @dev The floor of the base: a signature or a proof. Each ask is stricter.
    uint256 private constant SIGNED_OR_ZK = PRESET_SIGNED | ((1 << FAMILY_ZK_GROTH16) << 16);

    /// @notice Wei per unit written on a cheque.
    uint256 public immutable unitWei;

    Desk private _desk;
    uint256 private _chequeCount;
    mapping(uint256 chequeId => Cheque) private _cheques;
    mapping(address account => uint256 balanceWei) private _balances;
    mapping(address account => Record) private _records;

    modifier onlyDrawer(uint256 chequeId) {
        address drawer = _cheques[chequeId].drawer;
        if (msg.sender != drawer) revert CallerWrong(drawer, msg.sender);
        _;
    }

    /// @param gate_     Judges what is brought.
    /// @param desk      Models, executors, and the policy of the reading: it must imply ZK.
    /// @param unitWei_  Wei per unit written on a cheque.
    /// @param allowDev_ Whether simulated and development evidence counts.
    constructor(
        IEvidenceGate gate_,
        Desk memory desk,
        uint256 unitWei_,
        bool allowDev_
    ) InferenceClient(IInferenceHub(address(0)), gate_, SIGNED_OR_ZK, allowDev_) {
        if (!desk.readingPolicy.implies(PRESET_ZK)) revert PolicyTooWeak(desk.readingPolicy, PRESET_ZK);
        _desk = desk;
        unitWei = unitWei_;
    }

    /// @inheritdoc IChequeVault
    function deposit() external payable override {
        _balances[msg.sender] += msg.value;
        emit Deposited(msg.sender, msg.value);
    }

    /// @inheritdoc IChequeVault
    function withdraw(address to, uint256 amountWei) external override {
        _take(msg.sender, amountWei);
        emit Withdrawn(msg.sender, to, amountWei);

        (bool sent, ) = to.call{ value: amountWei }("");
        if (!sent) revert TransferFailed(to, amountWei);
    }

    /// @inheritdoc IChequeVault
    function write(address payee, bytes32 imageHash) external override returns (uint256 chequeId) {
        chequeId = ++_chequeCount;
        Cheque storage c = _cheques[chequeId];
        (c.drawer, c.payee, c.imageHash) = (msg.sender, payee, imageHash);
        (c.writtenAt, c.state) = (uint40(block.timestamp), ChequeState.Written);
        emit ChequeWritten(chequeId, msg.sender, payee, imageHash);
    }

    /// @inheritdoc IChequeVault
    function present(uint256 chequeId, bytes calldata image, uint8 amount) external override {
        Cheque storage c = _cheques[chequeId];
        if (msg.sender != c.payee) revert CallerWrong(c.payee, msg.sender);
        _requireState(chequeId, ChequeState.Written, ChequeState.Presented);
        if (amount > MAX_AMOUNT) revert AmountTooLarge(amount, MAX_AMOUNT);
        if (keccak256(image) != c.imageHash) revert ImageMismatch(c.imageHash, keccak256(image));

        bytes memory features = featuresOf(chequeId, amount);
        (, bytes32 readingSalt) = _issuePull(_readingAsk(), image);
        (, bytes32 decisionSalt) = _issuePull(_decisionAsk(), features);

        (c.state, c.amount) = (ChequeState.Presented, amount);
        if (c.presentations < type(uint8).max) ++c.presentations;
        (c.readingSalt, c.decisionSalt) = (readingSalt, decisionSalt);
        emit ChequePresented(chequeId, amount, readingSalt, decisionSalt);
    }

    /// @inheritdoc IChequeVault
    function cash(uint256 chequeId, Brought calldata reading, Brought calldata decision) external override {
        _requireState(chequeId, ChequeState.Presented, ChequeState.Presented);
        Cheque storage c = _cheques[chequeId];

        _consumePull(reading.answer, _readingAsk(), c.readingSalt, reading.evidence);
        _consumePull(decision.answer, _decisionAsk(), c.decisionSalt, decision.evidence);
        // The gate has checked the input's bytes against its hash, and the salt has bound that hash since `present`.
        if (decision.answer.input.length == 0) revert IEvidenceGate.InputMissing();
        uint256 read = reading.answer.output.classOf();
        uint256 decidedOn = uint8(decision.answer.input[0]);
        if (read != decidedOn) revert AmountMismatch(read, decidedOn);

        if (decision.answer.output.classOf() == PAY) _pay(chequeId, c);
        else _hold(chequeId, c);
    }

    /// @inheritdoc IChequeVault
    function release(uint256 chequeId) external override onlyDrawer(chequeId) {
        _requireState(chequeId, ChequeState.Held, ChequeState.Held);
        _pay(chequeId, _cheques[chequeId]);
    }

    /// @inheritdoc IChequeVault
    function stop(uint256 chequeId) external override onlyDrawer(chequeId) {
        ChequeState state = _cheques[chequeId].state;
        if (state == ChequeState.Paid || state == ChequeState.Stopped) revert ChequeStateWrong(chequeId, state);

        _cheques[chequeId].state = ChequeState.Stopped;
        emit ChequeStopped(chequeId);
    }

    /// @inheritdoc IChequeVault
    function chequeOf(uint256 chequeId) external view override returns (Cheque memory) {
        return _cheques[chequeId];
    }

    /// @inheritdoc IChequeVault
    function balanceOf(address account) external view override returns (uint256) {
        return _balances[account];
    }

    /// @inheritdoc IChequeVault
    function featuresOf(uint256 chequeId, uint8 amount) public view override returns (bytes memory) {
        Cheque storage c = _cheques[chequeId];
        Record storage payee = _records[c.payee];
        uint256 knownFor = payee.firstPaidAt == 0 ? 0 : block.timestamp - payee.firstPaidAt;
        return
            abi.encodePacked(
                _feature(amount),
                _feature(payee.paidTo),
                _feature(payee.heldFrom),
                _feature(knownFor / 1 days),
                _feature(_records[c.drawer].paidBy),
                _feature(_balances[c.drawer] / unitWei),
                _feature((block.timestamp - c.writtenAt) / 1 days),
                _feature(c.presentations)
            );
    }

    /// @dev This consumer never asks the hub, so the hub (address 0) never calls.
    function _onInference(bytes32, bytes calldata) internal pure override {}

    function _pay(uint256 chequeId, Cheque storage c) private {
        uint256 amountWei = c.amount * unitWei;
        _take(c.drawer, amountWei);
        _balances[c.payee] += amountWei;
        c.state = ChequeState.Paid;

        Record storage payee = _records[c.payee];
        if (payee.firstPaidAt == 0) payee.firstPaidAt = uint40(block.timestamp);
        ++payee.paidTo;
        ++_records[c.drawer].paidBy;
        emit ChequePaid(chequeId, c.amount, amountWei);
    }

    function _hold(uint256 chequeId, Cheque storage c) private {
        c.state = ChequeState.Held;
        ++_records[c.payee].heldFrom;
        emit ChequeHeld(chequeId, c.amount);
    }

    function _take(address account, uint256 amountWei) private {
        uint256 balanceWei = _balances[account];
        if (balanceWei < amountWei) revert FundsTooLow(account, balanceWei, amountWei);
        _balances[account] = balanceWei - amountWei;
    }

    function _requireState(uint256 chequeId, ChequeState one, ChequeState other) private view {
        ChequeState state = _cheques[chequeId].state;
        if (state != one && state != other) revert ChequeStateWrong(chequeId, state);
    }

    function _readingAsk() private view returns (Ask memory) {
        return Ask(_desk.readingModel, 0, _desk.readingPolicy, Signers(_desk.executors, 0));
    }

    function _decisionAsk() private view returns (Ask memory) {
        return Ask(_desk.decisionModel, 0, PRESET_SIGNED, Signers(_desk.executors, 0));
    }

    function _feature(uint256 value) private pure returns (uint8) {
        return uint8(value < FEATURE_MAX ? value : FEATURE_MAX);
    }
}
