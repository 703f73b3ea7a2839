import { fileURLToPath } from "node:url";
import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";

const settings = { evmVersion: "osaka", optimizer: { enabled: true, runs: 10_000 } };
const solc = { version: "0.8.37", path: fileURLToPath(import.meta.resolve("solc/soljson.js")), settings };
/** What every delivery runs through is worth the slower code generator: it saves 4,100 gas of a signed one. So is P-384. */
const inDelivery = { ...solc, settings: { ...settings, viaIR: true } };
/** Beside millions of gas for curve arithmetic, size matters more than a few thousand: it must stay below 24,576 bytes. */
const inRegistration = { ...solc, settings: { ...settings, optimizer: { enabled: true, runs: 200 } } };

export default defineConfig({
    plugins: [toolbox],
    solidity: {
        compilers: [solc],
        overrides: {
            "contracts/gate/EvidenceGate.sol": inDelivery,
            "contracts/hub/InferenceHub.sol": inDelivery,
            "contracts/registry/ExecutorRegistry.sol": inDelivery,
            "contracts/registry/ModelRegistry.sol": inDelivery,
            "contracts/registry/TeeRegistry.sol": inDelivery,
            "contracts/verifiers/VerifierRouter.sol": inDelivery,
            "contracts/verifiers/groth16/Groth16Verifier.sol": inDelivery,
            "contracts/verifiers/signed/SignedVerifier.sol": inDelivery,
            "contracts/verifiers/tee/P384Verifier.sol": inDelivery,
            "test/contracts/libraries/p384Field.t.sol": inDelivery,
            "contracts/verifiers/tee/NitroVerifier.sol": inRegistration,
            "contracts/mocks/OtherRootNitroVerifier.sol": inRegistration,
            "contracts/verifiers/tee/simulated/SimulatedNitroVerifier.sol": inRegistration,
        },
    },
    paths: { sources: "./contracts", tests: { mocha: "./test", solidity: "./test" } },
    test: {
        mocha: { timeout: 120_000 },
        solidity: { fsPermissions: { readDirectory: ["./test/vectors", "./offchain/protocol/tables"] } },
    },
    typechain: { outDir: "./types/typechain" },
    networks: {
        default: { type: "edr-simulated", chainId: 31337, allowBlocksWithSameTimestamp: true, hardfork: "osaka" },
        localhost: { type: "http", url: "http://127.0.0.1:8545", chainId: 31337 },
        rpc: { type: "http", url: configVariable("ASSAY_RPC_URL"), accounts: [configVariable("ASSAY_DEPLOYER_KEY")] },
    },
});
