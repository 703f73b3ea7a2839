/**
 * Deploys everything to a network of hardhat.config.ts and writes deployments/<chainId>.json. An interrupted run goes on
 * where it stopped when it is started again.
 *
 *     npx hardhat run scripts/deploy.ts --network localhost         # a node of `npx hardhat node`
 *     npx hardhat keystore set ASSAY_RPC_URL                        # once
 *     npx hardhat keystore set ASSAY_DEPLOYER_KEY                   # once
 *     npx hardhat run scripts/deploy.ts --network rpc               # any chain
 *
 * Parameters are read from ignition/parameters/<chainId>.json: { "owner", "token", "paymentToken", "routerDelaySeconds",
 * "simulatedTee" }. Only `owner` must be given, and not even that on development chains, where test tokens are deployed as
 * well and TEE evidence is SIMULATED unless "simulatedTee" is false.
 */
import { fileURLToPath } from "node:url";
import { network } from "hardhat";
import { deployAssay } from "./deploy/deployAssay.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { file, deployment } = await deployAssay({ connection: await network.create(), root });
console.log(JSON.stringify(deployment.contracts, null, 2));
console.error(`Wrote ${file}`);
if (deployment.SIMULATED) console.error(`SIMULATED, worth nothing: evidence of ${deployment.SIMULATED.join(" and ")}`);
