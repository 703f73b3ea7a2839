// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { EnclaveBinding, EnclaveClaims, EnclaveIds } from "../../../contracts/libraries/EnclaveIds.sol";
import { vm } from "../support/Vm.sol";

/// @notice test/vectors/enclave.json, which TypeScript reads too.
contract EnclaveIdsTest {
    /// @dev Rows of enclave.json, members in alphabetical order, as the cheat code gives them.
    struct BindingRow {
        bytes32 binaryDigest;
        bytes32 bindingHash;
        uint256 chainId;
        bytes32 challenge;
        uint256 claimClass;
        bytes32 configHash;
        uint256 deadline;
        uint256 keyEpoch;
        address operator;
        bytes32 possession;
        address registry;
        address signer;
        bytes32 upstreamHash;
    }

    struct EnclaveRow {
        uint256 chainId;
        bytes32 enclaveId;
        uint256 family;
        uint256 keyEpoch;
        bytes32 measurementId;
        address registry;
        address signer;
    }

    struct HeartbeatRow {
        bytes32 blockHash;
        uint256 blockNumber;
        uint256 chainId;
        bytes32 digest;
        bytes32 enclaveId;
        address registry;
    }

    struct MeasurementRow {
        string kind;
        bytes32 measurementId;
        bytes registers;
    }

    struct RootRow {
        bytes key;
        bytes32 rootId;
    }

    struct CertificateRow {
        bytes issuer;
        bytes serial;
        bytes32 trait;
    }

    struct PlatformRow {
        bytes platform;
        bytes32 trait;
    }

    string private json;

    function setUp() public {
        json = vm.readFile("test/vectors/enclave.json");
    }

    function test_vectors_bindingsAgree() public view {
        BindingRow[] memory rows = abi.decode(vm.parseJson(json, "$.bindings"), (BindingRow[]));
        vm.assertGe(rows.length, 3);
        for (uint256 i; i < rows.length; ++i) {
            BindingRow memory row = rows[i];
            bytes32 bindingHash = EnclaveIds.bindingHashOf(bindingOf(row));
            bytes32 structHash = keccak256(abi.encode(keccak256("Possession(bytes32 bindingHash)"), bindingHash));

            vm.assertEq(bindingHash, row.bindingHash);
            vm.assertEq(typedDigest(row.chainId, row.registry, structHash), row.possession);
        }
    }

    function test_vectors_enclaveIdsAgree() public {
        EnclaveRow[] memory rows = abi.decode(vm.parseJson(json, "$.enclaves"), (EnclaveRow[]));
        vm.assertGe(rows.length, 3);
        for (uint256 i; i < rows.length; ++i) {
            EnclaveRow memory row = rows[i];
            vm.chainId(row.chainId);
            bytes32 enclaveId = EnclaveIds.enclaveIdOf(
                row.registry,
                uint8(row.family),
                row.measurementId,
                row.signer,
                uint64(row.keyEpoch)
            );

            vm.assertEq(enclaveId, row.enclaveId);
        }
    }

    function test_vectors_heartbeatsAgree() public view {
        HeartbeatRow[] memory rows = abi.decode(vm.parseJson(json, "$.heartbeats"), (HeartbeatRow[]));
        bytes32 typeHash = keccak256("Heartbeat(bytes32 enclaveId,bytes32 blockHash,uint64 blockNumber)");
        vm.assertGe(rows.length, 3);
        for (uint256 i; i < rows.length; ++i) {
            HeartbeatRow memory row = rows[i];
            bytes32 structHash = keccak256(abi.encode(typeHash, row.enclaveId, row.blockHash, row.blockNumber));

            vm.assertEq(typedDigest(row.chainId, row.registry, structHash), row.digest);
        }
    }

    function test_vectors_measurementsAgree() public view {
        MeasurementRow[] memory rows = abi.decode(vm.parseJson(json, "$.measurements"), (MeasurementRow[]));
        vm.assertGe(rows.length, 3);
        for (uint256 i; i < rows.length; ++i) {
            bytes32 tag = keccak256(bytes(string.concat("assay.measurement.", rows[i].kind, ".v1")));

            vm.assertEq(EnclaveIds.measurementIdOf(tag, rows[i].registers), rows[i].measurementId);
        }
    }

    function test_vectors_traitsAgree() public view {
        RootRow[] memory roots = abi.decode(vm.parseJson(json, "$.roots"), (RootRow[]));
        for (uint256 i; i < roots.length; ++i) vm.assertEq(EnclaveIds.rootIdOf(roots[i].key), roots[i].rootId);
        CertificateRow[] memory certificates = abi.decode(vm.parseJson(json, "$.certificates"), (CertificateRow[]));
        for (uint256 i; i < certificates.length; ++i) {
            CertificateRow memory row = certificates[i];
            vm.assertEq(EnclaveIds.certificateTraitOf(row.issuer, row.serial), row.trait);
        }
        PlatformRow[] memory platforms = abi.decode(vm.parseJson(json, "$.platforms"), (PlatformRow[]));
        for (uint256 i; i < platforms.length; ++i) {
            vm.assertEq(EnclaveIds.platformTraitOf(platforms[i].platform), platforms[i].trait);
        }

        vm.assertGe(roots.length, 2);
        vm.assertGe(certificates.length, 2);
        vm.assertGe(platforms.length, 2);
    }

    /// @dev A binding is of one chain, registry, operator, key, epoch, challenge, deadline and claim: all change it.
    function testFuzz_bindingHashOf_dependsOnEveryField(uint256 seed, uint256 field) public pure {
        EnclaveBinding memory binding;
        binding.chainId = seed;
        bytes32 before = EnclaveIds.bindingHashOf(binding);
        field %= 11;
        if (field == 0) binding.chainId ^= 1;
        else if (field == 1) binding.registry = address(1);
        else if (field == 2) binding.operator = address(1);
        else if (field == 3) binding.signer = address(1);
        else if (field == 4) binding.keyEpoch = 1;
        else if (field == 5) binding.challenge = bytes32(uint256(1));
        else if (field == 6) binding.deadline = 1;
        else if (field == 7) binding.claims.claimClass = 1;
        else if (field == 8) binding.claims.upstreamHash = bytes32(uint256(1));
        else if (field == 9) binding.claims.configHash = bytes32(uint256(1));
        else binding.claims.binaryDigest = bytes32(uint256(1));

        vm.assertNotEq(EnclaveIds.bindingHashOf(binding), before);
    }

    function bindingOf(BindingRow memory row) private pure returns (EnclaveBinding memory) {
        return
            EnclaveBinding({
                chainId: row.chainId,
                registry: row.registry,
                operator: row.operator,
                signer: row.signer,
                keyEpoch: uint64(row.keyEpoch),
                challenge: row.challenge,
                deadline: uint64(row.deadline),
                claims: EnclaveClaims(uint8(row.claimClass), row.upstreamHash, row.configHash, row.binaryDigest)
            });
    }

    function typedDigest(uint256 chainId, address registry, bytes32 structHash) private pure returns (bytes32) {
        bytes32 domainType = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        bytes32 domain = keccak256(abi.encode(domainType, keccak256("Assay"), keccak256("1"), chainId, registry));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }
}
