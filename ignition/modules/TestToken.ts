/** The fee token of development chains: anybody may mint it. */
import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

export default buildModule("TestToken", (m) => ({ TestToken: m.contract("TestToken") }));
