// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IEvidenceGate } from "../../interfaces/IEvidenceGate.sol";
import { IInferenceHub } from "../../interfaces/IInferenceHub.sol";
import { ClassOutput } from "../../libraries/ClassOutput.sol";
import { FAMILY_ZK_GROTH16, PRESET_SIGNED, PRESET_ZK } from "../../types/Constants.sol";
import { Ask, Signers } from "../../types/Evidence.sol";
import { PolicyLib } from "../../types/Policy.sol";
import { InferenceClient } from "../InferenceClient.sol";
import { Account, Brought, Cheque, ChequeState, Desk, IChequeVault } from "./IChequeVault.sol";

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
/// @dev The decision's input contains the digit before it is proven, because the payee has to name it, as on a bank's
/// slip. So both inferences can be made at the same time, and the chain only has to compare. The other numbers come
/// from the vault's own books: nobody can choose them.
contract ChequeVault is InferenceClient, IChequeVault {
    using ClassOutput for bytes;
    using PolicyLib for uint256;
    using SafeCast for uint256;

    /// @dev The class of the decision model that pays; every other class holds.
    uint256 private constant PAY = 1;
    /// @dev Greatest amount on a cheque, units: one digit.
    uint256 private constant MAX_AMOUNT = 9;
    /// @dev The floor of the base: a signature or a proof. Each ask is stricter.
    uint256 private constant SIGNED_OR_ZK = PRESET_SIGNED | ((1 << FAMILY_ZK_GROTH16) << 16);

    /// @inheritdoc IChequeVault
    uint256 public immutable override unitWei;

    Desk private _desk;
    uint256 private _chequeCount;
    mapping(uint256 chequeId => Cheque) private _cheques;
    mapping(address owner => Account) private _accounts;
    /// @dev Whether a cheque of this drawer was ever paid to this payee.
    mapping(address drawer => mapping(address payee => bool)) private _knows;

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
        Account storage a = _accounts[msg.sender];
        if (a.openedAt == 0) a.openedAt = uint40(block.timestamp);
        a.balanceWei += msg.value.toUint128();
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
        c.state = ChequeState.Written;
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
        (c.readingSalt, c.decisionSalt) = (readingSalt, decisionSalt);
        _countPresentation(_accounts[c.drawer]);
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
    function accountOf(address owner) external view override returns (Account memory) {
        return _accounts[owner];
    }

    /// @inheritdoc IChequeVault
    function featuresOf(uint256 chequeId, uint8 amount) public view override returns (bytes memory) {
        Cheque storage c = _cheques[chequeId];
        Account storage a = _accounts[c.drawer];
        uint256 presentedToday = a.day == block.timestamp / 1 days ? a.presentations : 0;
        uint256 weeksOpen = a.openedAt == 0 ? 0 : (block.timestamp - a.openedAt) / 1 weeks;
        return
            abi.encodePacked(
                amount, // the digit on the picture: `cash` compares it with the proven one
                amount, // the digit that the payee claims
                _atMost255(a.balanceWei / unitWei),
                _atMost255(a.held),
                _atMost255(presentedToday),
                _atMost255(a.paid),
                _atMost255(weeksOpen),
                _knows[c.drawer][c.payee] ? 1 : 0
            );
    }

    /// @dev This consumer never asks the hub, so the hub (address 0) never calls.
    function _onInference(bytes32, bytes calldata) internal pure override {}

    function _pay(uint256 chequeId, Cheque storage c) private {
        uint256 amountWei = c.amount * unitWei;
        _take(c.drawer, amountWei);
        _accounts[c.payee].balanceWei += uint128(amountWei); // it was part of another balance
        ++_accounts[c.drawer].paid;
        _knows[c.drawer][c.payee] = true;
        c.state = ChequeState.Paid;
        emit ChequePaid(chequeId, c.amount, amountWei);
    }

    function _hold(uint256 chequeId, Cheque storage c) private {
        ++_accounts[c.drawer].held;
        c.state = ChequeState.Held;
        emit ChequeHeld(chequeId, c.amount);
    }

    function _take(address owner, uint256 amountWei) private {
        uint256 balanceWei = _accounts[owner].balanceWei;
        if (balanceWei < amountWei) revert FundsTooLow(owner, balanceWei, amountWei);
        _accounts[owner].balanceWei = uint128(balanceWei - amountWei);
    }

    function _countPresentation(Account storage a) private {
        uint16 today = uint16(block.timestamp / 1 days);
        a.presentations = a.day == today ? a.presentations + 1 : 1;
        a.day = today;
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

    function _atMost255(uint256 value) private pure returns (uint8) {
        return uint8(value < type(uint8).max ? value : type(uint8).max);
    }
}
