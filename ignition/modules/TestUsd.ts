/** The token that x402 is paid in on development chains: anybody may mint it. */
import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

export default buildModule("TestUsd", (m) => ({ TestUsd: m.contract("TestUsd") }));
