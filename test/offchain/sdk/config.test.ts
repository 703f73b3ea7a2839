import { configHashOf, type Hex, toHex } from "@assay/protocol";
import { configAt, configHistory, configVersion, contractsOf, publishConfig } from "@assay/sdk";
import { expect } from "chai";
import { Interface } from "ethers";
import { createWorld, type World } from "./_world.ts";

/** More than are asked for at once. */
const MANY = 53;
const hashOf = (seed: number): Hex => configHashOf({ sampling: { seed } });

async function faultOf(work: Promise<unknown>): Promise<{ contractError?: string; arguments?: unknown }> {
    return work.then(
        () => ({}),
        (fault) => fault,
    );
}

describe("sdk configurations", () => {
    let world: World;
    let owner: Hex;

    before(async () => {
        world = await createWorld();
        owner = toHex(world.requester.address);
    });

    it("gives what was published, by version, as the newest and by time", async () => {
        const name = "support/answers";
        const sent = await publishConfig(world.acting, { name, configHash: hashOf(1), uri: "ipfs://1" });
        const first = await configVersion(world, { owner, name, version: 1 });
        await world.networkHelpers.time.increase(100);
        await publishConfig(world.acting, { name, configHash: hashOf(2), owner });

        const newest = await configVersion(world, { owner, name });
        const before = await configAt(world, { owner, name, time: newest.inForceFrom - 1 });

        expect(sent).to.include({ owner, name, version: 1 });
        expect(first).to.deep.include({ version: 1, configHash: hashOf(1), author: owner, uri: "ipfs://1" });
        expect(newest).to.deep.include({ version: 2, configHash: hashOf(2), uri: "" });
        expect(before).to.deep.equal(first);
        expect(await configHistory(world, { owner, name })).to.deep.equal([first, newest]);
    });

    it("gives a long history whole and in order", async () => {
        const { configs } = contractsOf({ deployment: world.deployment, runner: world.requester });
        for (let seed = 0; seed < MANY; seed += 1) await configs.publish("long", hashOf(seed), "");

        const history = await configHistory(world, { owner, name: "long" });

        expect(history.map(({ version }) => version)).to.deep.equal(Array.from({ length: MANY }, (_, at) => at + 1));
        expect(history.map(({ configHash }) => configHash)).to.deep.equal(history.map((_, seed) => hashOf(seed)));
    });

    it("takes a URI that is no text for none", async () => {
        const bytes = new Interface(["function publish(bytes name, bytes32 configHash, bytes uri)"]);
        const text = new Interface(["function publish(string name, bytes32 configHash, string uri)"]);
        const body = bytes.encodeFunctionData("publish", [Buffer.from("broken"), hashOf(1), "0xff"]).slice(10);
        const data = `${text.getFunction("publish")?.selector}${body}`;
        await world.requester.sendTransaction({ to: world.deployment.contracts.ConfigRegistry, data });

        expect((await configVersion(world, { owner, name: "broken" })).uri).to.equal("");
    });

    it("knows nothing of names that nobody published, and of times to come", async () => {
        const { inForceFrom } = await configVersion(world, { owner, name: "support/answers", version: 1 });
        const now = await world.networkHelpers.time.latest();
        const at = (time: number) => faultOf(configAt(world, { owner, name: "support/answers", time }));

        expect(await configHistory(world, { owner, name: "none" })).to.deep.equal([]);
        expect(await faultOf(configVersion(world, { owner, name: "none" }))).to.include({
            contractError: "ConfigUnknown",
        });
        expect(await at(inForceFrom - 1)).to.include({ contractError: "NotInForce" });
        expect(await at(now + 1_000)).to.include({ contractError: "NotInForce" });
        const unknown = await faultOf(configVersion(world, { owner, name: "support/answers", version: 3 }));
        expect(unknown.arguments).to.deep.include({ version: "3", versions: "2" });
    });
});
