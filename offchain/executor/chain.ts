// One JSON-RPC endpoint and what a transaction may cost, for other services that send through a key of their own.
export { type GasPrice, priceFor, raised } from "./core/fees.ts";
export { createHttpRpc, type Rpc, RpcRefusal } from "./shell/chain/rpc.ts";
