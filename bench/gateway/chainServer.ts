/** An empty development chain in a process of its own; says where it listens, and ends with its input. */
import { network } from "hardhat";

const now = { network: "default", override: { initialDate: new Date() } };
const server = await network.createServer(now, "127.0.0.1");
const { address, port } = await server.listen();
console.log(`listening on http://${address}:${port}`);
process.stdin.resume().once("end", () => void server.close().then(() => process.exit(0)));
