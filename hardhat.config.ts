import { fileURLToPath } from "node:url";
import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";

const compilerPath = fileURLToPath(import.meta.resolve("solc/soljson.js"));

export default defineConfig({
    plugins: [toolbox],
    solidity: {
        version: "0.8.37",
        path: compilerPath,
        settings: { evmVersion: "osaka", optimizer: { enabled: true, runs: 10_000 } },
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
