// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "../../../../contracts/interfaces/IAttestationErrors.sol";
import { IAttestationPolicy } from "../../../../contracts/interfaces/IAttestationPolicy.sol";
import { ITdxVerifier } from "../../../../contracts/interfaces/ITdxVerifier.sol";
import { IP384Verifier } from "../../../../contracts/interfaces/IP384Verifier.sol";
import { ISha384 } from "../../../../contracts/interfaces/ISha384.sol";
import { FAMILY_TEE_NITRO, FAMILY_TEE_TDX } from "../../../../contracts/types/Constants.sol";
import { SimulatedNitroVerifier } from "../../../../contracts/verifiers/tee/simulated/SimulatedNitroVerifier.sol";
import { SimulatedTdxVerifier } from "../../../../contracts/verifiers/tee/simulated/SimulatedTdxVerifier.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Locks of the stand-ins: where they can be, and where they work.
contract SimulatedVerifiersTest {
    /// @dev Version 4, ECDSA P-256, TDX, Intel's quoting enclave.
    bytes private constant HEAD =
        hex"040002008100000000000000939a7233f79c4ca9940a0db3957f06070000000000000000000000000000000000000000";

    /// @dev Signature, attestation key, type and size of what follows.
    uint256 private constant WRAPPER_BYTES = 134;

    SimulatedNitroVerifier private nitro;
    SimulatedTdxVerifier private tdx;

    function setUp() public {
        nitro = _newNitro();
        tdx = _newTdx();
    }

    function test_constructor_saysWhatItIs() public view {
        vm.assertTrue(nitro.isSimulated());
        vm.assertTrue(tdx.isSimulated());
        vm.assertEq(nitro.family(), FAMILY_TEE_NITRO);
        vm.assertEq(tdx.family(), FAMILY_TEE_TDX);
    }

    function test_constructor_worksOnBothDevelopmentChains() public {
        vm.chainId(1337);

        vm.assertTrue(_newNitro().isSimulated());
        vm.assertTrue(_newTdx().isSimulated());
    }

    function test_constructor_RevertWhen_ChainIsPublic() public {
        uint64[4] memory chainIds = [uint64(1), 8453, 11155111, 0];
        for (uint256 i; i < chainIds.length; ++i) {
            vm.chainId(chainIds[i]);

            _expectRefusal(chainIds[i]);
            _newNitro();
            _expectRefusal(chainIds[i]);
            _newTdx();
        }
    }

    function testFuzz_constructor_RevertWhen_ChainIsNotForDevelopment(uint64 chainId) public {
        vm.assume(chainId != 31337 && chainId != 1337);
        vm.chainId(chainId);

        _expectRefusal(chainId);
        _newNitro();
        _expectRefusal(chainId);
        _newTdx();
    }

    /// @dev The same code on another chain: a fork, or a state override.
    function testFuzz_verify_RevertWhen_ChainChanged(uint64 chainId, bytes calldata document) public {
        vm.assume(chainId != 31337 && chainId != 1337);
        vm.chainId(chainId);

        _expectRefusal(chainId);
        nitro.verify(document, "");
        _expectRefusal(chainId);
        nitro.cacheChain(document, 1);
        _expectRefusal(chainId);
        tdx.verify(document, "");
    }

    /// @dev Whatever the bytes are, an error of the interface and never a panic: a quote is at least 1,220 bytes.
    function testFuzz_verify_RevertWhen_QuoteIsShort(bytes calldata document) public {
        vm.assume(document.length < 1220);

        vm.expectRevert(abi.encodeWithSelector(ITdxVerifier.QuoteInvalid.selector, document.length));
        tdx.verify(document, "");
    }

    /// @dev Lengths that lie, in a quote whose head is right, and collateral that is no pair of byte strings.
    function testFuzz_verify_neverPanics(
        uint32 authLength,
        uint16 authDataLength,
        uint16 tailBytes,
        bytes32 filler,
        bytes calldata collateral
    ) public view {
        uint256 length = WRAPPER_BYTES + (authLength % 8192);
        bytes memory quote = bytes.concat(
            HEAD,
            new bytes(584),
            _little(length, 4),
            new bytes(128),
            hex"0600",
            _little(length - WRAPPER_BYTES, 4),
            new bytes(448),
            _little(authDataLength % 1024, 2),
            filler,
            hex"0500",
            new bytes(tailBytes % 4096)
        );

        try tdx.verify(quote, collateral) {
            vm.assertTrue(false, "accepted");
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            vm.assertTrue(
                selector == ITdxVerifier.QuoteInvalid.selector || selector == ITdxVerifier.CollateralInvalid.selector,
                "not an error of the interface"
            );
        }
    }

    /// @dev A quote that is whole, so that whatever is beside it is read.
    function testFuzz_verify_RevertWhen_CollateralMalformed(bytes calldata collateral) public {
        bytes memory quote = bytes.concat(
            HEAD,
            new bytes(584),
            _little(590, 4),
            new bytes(128),
            hex"0600",
            _little(456, 4),
            new bytes(448),
            hex"00000500",
            new bytes(4)
        );

        vm.expectRevert(abi.encodeWithSelector(ITdxVerifier.CollateralInvalid.selector, collateral.length));
        tdx.verify(quote, collateral);
    }

    function _little(uint256 value, uint256 length) private pure returns (bytes memory digits) {
        digits = new bytes(length);
        for (uint256 i; i < length; ++i) {
            digits[i] = bytes1(uint8(value >> (8 * i)));
        }
    }

    function _newNitro() private returns (SimulatedNitroVerifier) {
        return
            new SimulatedNitroVerifier(IAttestationPolicy(address(1)), IP384Verifier(address(2)), ISha384(address(3)));
    }

    function _newTdx() private returns (SimulatedTdxVerifier) {
        return new SimulatedTdxVerifier(IAttestationPolicy(address(1)));
    }

    function _expectRefusal(uint64 chainId) private {
        vm.expectRevert(abi.encodeWithSelector(IAttestationErrors.NotADevelopmentChain.selector, chainId));
    }
}
