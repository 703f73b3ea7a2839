import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileModel } from "@assay/compiler";
import * as protocol from "@assay/protocol";
import * as sdk from "@assay/sdk";
import { expect } from "chai";
import { JsonRpcProvider, Wallet } from "ethers";
import { aHome } from "../cli/_assay.ts";
import { startChain, type TestChain } from "../cli/_chain.ts";
import { type Gateway, PAYEE, startGateway } from "./_gateway.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FOLDER = `${ROOT}offchain/sdk`;
/** Compiling the smallest model when no cache has it. */
const SETUP_TIMEOUT_MS = 60_000;

/** Every `@example` block of the package, by file. */
function examples(): { file: string; body: string }[] {
    const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    return files.flatMap((file) => {
        const blocks = readFileSync(`${FOLDER}/${file}`, "utf8").matchAll(/ \* @example\n((?: \* .*\n)+)/g);
        return [...blocks].map(([, block = ""]) => ({ file, body: block.replaceAll(/^ \* /gm, "") }));
    });
}

describe("examples of the SDK", () => {
    let chain: TestChain;
    let surroundings: Record<string, unknown>;
    let remove: () => Promise<void>;
    let gateway: Gateway;

    before(async function () {
        this.timeout(SETUP_TIMEOUT_MS);
        chain = await startChain();
        const home = await aHome();
        ({ remove } = home);
        gateway = await startGateway(chain.world);
        surroundings = await whatExamplesSpeakOf({ chain, gateway, dir: `${home.home}/model` });
    });
    after(async () => {
        await gateway?.close();
        await chain.close();
        await remove();
    });

    it("exist", () => {
        expect(examples().length).to.be.greaterThan(7);
    });

    for (const { file, body } of examples()) {
        it(`run: ${file}, ${body.split("\n")[0]}`, async () => {
            const scope = { ...protocol, ...sdk, ...surroundings };
            const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor;

            const [, results = ""] = /^const (?:\{ (.+) \}|(\w+)) =/.exec(body) ?? [];
            const run = new AsyncFunction(...Object.keys(scope), `{ ${body}\nreturn [${results}]; }`);

            for (const value of await run(...Object.values(scope))) expect(value).not.to.equal(undefined);
        });
    }
});

/** An answered request, a compiled model, and everything else that the examples name without making it. */
async function whatExamplesSpeakOf({ chain, gateway, dir }: { chain: TestChain; gateway: Gateway; dir: string }) {
    const { world, rpcUrl } = chain;
    const model = `${ROOT}models/argmax-8-4-2`;
    const onnx = readFileSync(`${model}.onnx`);
    const { input_data: calibration } = JSON.parse(readFileSync(`${model}.calibration.json`, "utf8"));
    await compileModel({ onnx, name: "argmax-8-4-2", outDir: dir, calibration, cacheDir: `${ROOT}.cache/models` });

    const request = await world.aRequest();
    await sdk.sendRequest(world.acting, request);
    await world.deliver(request, "0x2a");
    const { requestId, requester } = request;
    const { deployment } = world;
    const [owner] = await world.ethers.getSigners();
    const payer = Wallet.createRandom();
    await gateway.fund(payer.address);
    const spend = { asset: gateway.token, payees: [PAYEE], maxPerCall: 2_000n, maxPerDay: 10_000n };
    const deps = { ...world.acting, signer: owner, provider: new JsonRpcProvider(rpcUrl) };
    return {
        ...{ deployment, provider: world.provider, deps, rpcUrl, dir, requestId, requester },
        ...{ hub: deployment.contracts.InferenceHub, modelId: world.modelId },
        ...{ input: request.input, deadline: request.terms.deadline, feeWei: request.terms.feeWei },
        operator: requester,
        ...{ gatewayUrl: gateway.url, payer, spend },
        ...{ family: protocol.FAMILIES.TEE_NITRO, measurementId: `0x${"11".repeat(32)}` },
        receipt: await sdk.receiptFromChain({ ...world, requestId }),
        text: JSON.stringify(deployment),
    };
}
