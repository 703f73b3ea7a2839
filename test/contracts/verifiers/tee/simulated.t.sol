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
