// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { P384 } from "../../../contracts/libraries/P384.sol";
import { Sha384Digest } from "../../../contracts/libraries/Sha384Digest.sol";
import { vm } from "../support/Vm.sol";

/// @dev A workspace takes memory as it is: whatever stood there must not matter.
contract DirtyMemoryTest {
    function verify(P384.Claim calldata given, uint256 dirt) external view returns (bool) {
        P384.Claim memory claim = given;
        soil(dirt);
        return P384.verify(claim);
    }

    function hash(bytes calldata message, uint256 dirt) external pure returns (uint256 hi, uint256 lo) {
        soil(dirt);
        return Sha384Digest.hash(message);
    }

    function test_verify_doesNotDependOnOldMemory() public view {
        uint256[4] memory dirts = [uint256(0), 1, type(uint256).max, 0x0101 << 240];
        for (uint256 i; i < dirts.length; ++i) {
            P384.Claim memory claim = aClaim();

            vm.assertTrue(this.verify(claim, dirts[i]));
            claim.hashLo ^= 1;
            vm.assertFalse(this.verify(claim, dirts[i]));
        }
    }

    function testFuzz_hash_doesNotDependOnOldMemory(bytes calldata message, uint256 dirt) public view {
        (uint256 hi, uint256 lo) = this.hash(message, 0);

        (uint256 dirtyHi, uint256 dirtyLo) = this.hash(message, dirt);
        vm.assertEq(dirtyHi, hi);
        vm.assertEq(dirtyLo, lo);
        (dirtyHi, dirtyLo) = this.hash(message, type(uint256).max);
        vm.assertEq(dirtyHi, hi);
        vm.assertEq(dirtyLo, lo);
    }

    /// @dev Fills 16 kilobytes behind the free memory pointer, which stays.
    function soil(uint256 dirt) private pure {
        assembly ("memory-safe") {
            let free := mload(0x40)
            for {
                let i := 0
            } lt(i, 0x4000) {
                i := add(i, 0x20)
            } {
                mstore(add(free, i), dirt)
            }
        }
    }

    /// @dev "an ordinary signature" of test/vectors/p384.json.
    function aClaim() private pure returns (P384.Claim memory) {
        return
            P384.Claim({
                hashHi: 0x523cec213a3fb58fa9bbcf951cadf28b,
                hashLo: 0x75a0aefcb271552cc5b5831a3fab2da3e045e1473f919c1234a255c6769a0c4c,
                xHi: 0x672ae7c6df8e4259d25f29155b3c020c,
                xLo: 0x8fbbd3598acd64b2b83ff18f4605858742642fc961b595b0ec0ebf08305d0f01,
                yHi: 0x6a660d51f4d8eb536f54835bbdfc45b8,
                yLo: 0x646912e0a14570eac50dabdd90aef874f59277720cac9f085624369ebe1e6278,
                rHi: 0x6ba07e30e69621c673490ee084f9214e,
                rLo: 0x552ac16a8dbbf42bebae346d587dc7aa0d27ca4d1515f1fd56a671fd0f89a370,
                sHi: 0xfe009a3a4401213ad756bcb8387e7db3,
                sLo: 0x778dc73be99931f7f2a62aae99e07b655fdbc852ab17679468bd76bd84f7df45
            });
    }
}
