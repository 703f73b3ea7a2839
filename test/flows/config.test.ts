/** On-chain requests that pin a configuration: it is part of what was asked, and no circuit runs it. */
import { configHashOf, PRESETS } from "@assay/protocol";
import { expect } from "chai";
import { sharedWorld, type World } from "./_world.ts";

const PINNED = configHashOf({ systemPrompt: "Answer in one sentence." });
const OTHER = configHashOf({ systemPrompt: "Answer at length." });
/** StatementField.ConfigHash. */
const CONFIG_HASH_FIELD = 2;

describe("flow: configurations", () => {
    const shared = sharedWorld();
    let world: World;

    beforeEach(() => {
        world = shared();
    });

    it("takes the answer of the configuration that was pinned, and no other", async () => {
        const { hub, gate } = world;
        const request = await world.open({ configHash: PINNED });
        const byOther = await world.stateOf({ ...request, configHash: OTHER });
        const statement = await world.stateOf({ ...request, configHash: PINNED });

        await expect(world.fulfil(request, { statement: byOther, evidence: [await world.sign(byOther)] }))
            .to.be.revertedWithCustomError(gate, "StatementMismatch")
            .withArgs(CONFIG_HASH_FIELD, PINNED, OTHER);
        await expect(world.fulfil(request, { statement, evidence: [await world.sign(statement)] })).to.emit(
            hub,
            "Delivered",
        );
    });

    for (const [name, policy] of Object.entries({
        ZK: PRESETS.ZK,
        SIGNED_AND_ZK: PRESETS.SIGNED_AND_ZK,
    })) {
        it(`refuses ${name} when it is asked: a proof says nothing of configurations`, async () => {
            await expect(world.open({ configHash: PINNED, policy }))
                .to.be.revertedWithCustomError(world.gate, "PolicyCannotBeMet")
                .withArgs(policy);
            await world.open({ policy });
        });
    }
});
