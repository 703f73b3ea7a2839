// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IERC3009, IERC3009Cancel } from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { ERC3009 } from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import { TestUsd } from "../../../contracts/mocks/tokens/TestUsd.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";
import { AcceptingWallet } from "./AcceptingWallet.sol";

/// @notice What is signed.
struct Authorization {
    address from;
    address to;
    uint256 value;
    uint256 validAfter;
    uint256 validBefore;
    bytes32 nonce;
}

contract TestUsdTest {
    bytes32 private constant TRANSFER = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
    bytes32 private constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant NOW = 1_800_000_000;
    uint256 private constant KEY = 0xa11ce;
    uint256 private constant OTHER_KEY = 0xb0b;
    address private constant PAYEE = address(0x9a9ee);
    address private constant RELAYER = address(0x7e1a);

    TestUsd private token;

    function setUp() public {
        vm.warp(NOW);
        token = new TestUsd();
        token.mint(vm.addr(KEY), 1_000_000);
    }

    function test_domain_isNameVersionChainAndAddress() public view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(token.name())),
                keccak256(bytes(token.version())),
                block.chainid,
                address(token)
            )
        );

        vm.assertEq(token.DOMAIN_SEPARATOR(), domain);
        vm.assertEq(token.name(), "Assay Test USD");
        vm.assertEq(token.symbol(), "TUSD");
        vm.assertEq(token.version(), "1");
        vm.assertEq(uint256(token.decimals()), 6);
    }

    function testFuzz_mint_byAnybody(address caller, uint128 amount) public {
        vm.prank(caller);
        token.mint(PAYEE, amount);

        vm.assertEq(token.balanceOf(PAYEE), amount);
    }

    function testFuzz_transfer_movesOnceInBothForms(uint256 value, bytes32 nonce, bool asBytes) public {
        Authorization memory wish = anAuthorization();
        (wish.value, wish.nonce) = (bound(value, 0, 1_000_000), nonce);
        bytes memory signature = sign(KEY, TRANSFER, wish);

        vm.expectEmit(address(token));
        emit IERC3009.AuthorizationUsed(wish.from, nonce);
        bring(wish, signature, asBytes);

        vm.assertEq(token.balanceOf(PAYEE), wish.value);
        vm.assertTrue(token.authorizationState(wish.from, nonce));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, wish.from, nonce));
        bring(wish, signature, !asBytes);
    }

    function test_transfer_RevertWhen_NotYetOrNoLongerValid() public {
        Authorization memory wish = anAuthorization();
        wish.validAfter = NOW;
        expectTimeRevert(wish);
        (wish.validAfter, wish.validBefore) = (NOW - 2, NOW);
        expectTimeRevert(wish);
    }

    /// @dev Bit 47 in both makes the base contract count blocks; here it is a time far away.
    function test_transfer_RevertWhen_TimesLookLikeBlockNumbers() public {
        Authorization memory wish = anAuthorization();
        (wish.validAfter, wish.validBefore) = (1 << 47, (1 << 47) | type(uint32).max);

        expectTimeRevert(wish);
    }

    function testFuzz_transfer_RevertWhen_AnythingElseWasSigned(uint256 field, bool asBytes) public {
        Authorization memory wish = anAuthorization();
        bytes memory signature = sign(KEY, TRANSFER, wish);
        field = bound(field, 0, 5);
        if (field == 0) wish.from = vm.addr(OTHER_KEY);
        else if (field == 1) wish.to = RELAYER;
        else if (field == 2) wish.value += 1;
        else if (field == 3) wish.validAfter -= 1;
        else if (field == 4) wish.validBefore += 1;
        else wish.nonce = keccak256("another");

        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        bring(wish, signature, asBytes);
    }

    function test_transfer_RevertWhen_SignatureMalleable() public {
        Authorization memory wish = anAuthorization();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digestOf(TRANSFER, wish));
        bytes32 high = bytes32(ORDER - uint256(s));
        bytes memory other = abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27));

        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, high));
        bring(wish, other, false);
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        bring(wish, other, true);
    }

    function testFuzz_transfer_RevertWhen_SignatureNot65Bytes(uint256 length) public {
        length = bound(length, 0, 200);
        vm.assume(length != 65);

        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        bring(anAuthorization(), new bytes(length), true);
    }

    function test_transfer_ofAContractThatAcceptsTheSignature() public {
        Authorization memory wish = anAuthorization();
        wish.from = address(new AcceptingWallet());
        token.mint(wish.from, wish.value);

        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        bring(wish, abi.encode("another"), true);
        bring(wish, abi.encode(digestOf(TRANSFER, wish)), true);

        vm.assertEq(token.balanceOf(PAYEE), wish.value);
    }

    function testFuzz_receive_byThePayeeAlone(bool asBytes) public {
        Authorization memory wish = anAuthorization();
        bytes memory signature = sign(KEY, RECEIVE, wish);

        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, PAYEE));
        bringAsPayee(RELAYER, wish, signature, asBytes);
        bringAsPayee(PAYEE, wish, signature, asBytes);

        vm.assertEq(token.balanceOf(PAYEE), wish.value);
    }

    function testFuzz_receive_RevertWhen_ATransferWasSigned(bool asBytes) public {
        Authorization memory wish = anAuthorization();
        bytes memory signature = sign(KEY, TRANSFER, wish);

        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        bringAsPayee(PAYEE, wish, signature, asBytes);
    }

    function testFuzz_cancel_usesUpTheNonce(bool asBytes) public {
        Authorization memory wish = anAuthorization();
        bytes memory signature = sign(KEY, TRANSFER, wish);
        bytes32 digest = digest712(keccak256(abi.encode(CANCEL, wish.from, wish.nonce)));

        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        cancel(wish, pack(OTHER_KEY, digest), asBytes);
        vm.expectEmit(address(token));
        emit IERC3009Cancel.AuthorizationCanceled(wish.from, wish.nonce);
        cancel(wish, pack(KEY, digest), asBytes);

        vm.assertEq(token.balanceOf(wish.from), 1_000_000);
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, wish.from, wish.nonce));
        bring(wish, signature, asBytes);
    }

    function test_permit_approvesBySignature() public {
        address owner = vm.addr(KEY);
        bytes32 digest = digest712(keccak256(abi.encode(PERMIT, owner, RELAYER, 7, token.nonces(owner), NOW)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);

        token.permit(owner, RELAYER, 7, NOW, v, r, s);

        vm.assertEq(token.allowance(owner, RELAYER), 7);
        vm.assertEq(token.nonces(owner), 1);
    }

    function anAuthorization() private pure returns (Authorization memory) {
        return Authorization(vm.addr(KEY), PAYEE, 1_000, NOW - 1, NOW + 1, keccak256("nonce"));
    }

    function expectTimeRevert(Authorization memory wish) private {
        bytes memory signature = sign(KEY, TRANSFER, wish);
        bytes4 selector = ERC3009.ERC3009InvalidAuthorizationTime.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, wish.validAfter, wish.validBefore));
        bring(wish, signature, false);
        vm.expectRevert(abi.encodeWithSelector(selector, wish.validAfter, wish.validBefore));
        bring(wish, signature, true);
    }

    function bring(Authorization memory a, bytes memory signature, bool asBytes) private {
        if (asBytes) {
            vm.prank(RELAYER);
            token.transferWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature);
            return;
        }
        (uint8 v, bytes32 r, bytes32 s) = split(signature);
        vm.prank(RELAYER);
        token.transferWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, v, r, s);
    }

    function bringAsPayee(address caller, Authorization memory a, bytes memory signature, bool asBytes) private {
        (uint8 v, bytes32 r, bytes32 s) = split(signature);
        vm.prank(caller);
        if (asBytes) {
            token.receiveWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature);
        } else {
            token.receiveWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, v, r, s);
        }
    }

    function cancel(Authorization memory a, bytes memory signature, bool asBytes) private {
        (uint8 v, bytes32 r, bytes32 s) = split(signature);
        if (asBytes) token.cancelAuthorization(a.from, a.nonce, signature);
        else token.cancelAuthorization(a.from, a.nonce, v, r, s);
    }

    function sign(uint256 key, bytes32 typeHash, Authorization memory wish) private view returns (bytes memory) {
        return pack(key, digestOf(typeHash, wish));
    }

    function pack(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function split(bytes memory signature) private pure returns (uint8 v, bytes32 r, bytes32 s) {
        assembly {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
            v := byte(0, mload(add(signature, 0x60)))
        }
    }

    function digestOf(bytes32 typeHash, Authorization memory a) private view returns (bytes32) {
        return digest712(keccak256(abi.encode(typeHash, a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce)));
    }

    function digest712(bytes32 structHash) private view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash));
    }
}
