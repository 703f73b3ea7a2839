/** T-34: at no gas limit is a delivery made whose callback got less gas than was promised. */
import { expect } from "chai";
import { classBytes } from "../support/forgedModel.ts";
import type { OpenRequest, World } from "./_world.ts";
import { sharedWorld } from "./_world.ts";

/** A usual promise, where the fixed margin matters most, and the greatest one, where 1/64 is more than the margin. */
const PROMISES = [50_000n, 2_000_000n];
/** What the consumer spends before it looks at its gas. */
const DISPATCH_GAS = 600n;
/** How far below the first gas limit that works the scan starts, and its step: coprime to 64, so no phase is skipped. */
const SCAN = { below: 60_000n, step: 331n, above: 3_000n };

describe("flow: gas of the callback", () => {
    const shared = sharedWorld();

    for (const [kind, deploy] of Object.entries({ contract: measuring, "delegated account": delegated })) {
        for (const promised of PROMISES) {
            it(`gives a ${kind} all of ${promised} gas or reverts, at every gas limit`, async () => {
                const world = shared();
                const delivery = await aDelivery(world, { callback: await deploy(world, promised), promised });
                const enough = await leastGas(delivery);

                const outcomes = new Set<string>();
                for (let gas = enough - SCAN.below; gas <= enough + SCAN.above; gas += SCAN.step) {
                    outcomes.add(await delivery(gas));
                }

                expect([...outcomes]).to.have.members(["called", "InsufficientCallbackGas"]);
                expect(await delivery(enough - 1n)).to.equal("InsufficientCallbackGas");
            });
        }
    }
});

/** A consumer that fails when it gets less than the promised gas. */
async function measuring({ ethers }: World, promised: bigint): Promise<string> {
    const consumer = await ethers.deployContract("MeasuringConsumer", [promised - DISPATCH_GAS]);
    return consumer.getAddress();
}

/** The same code behind an EIP-7702 account: two cold accounts per call. */
async function delegated(world: World, promised: bigint): Promise<string> {
    const { ethers, owner } = world;
    const account = new ethers.Wallet(ethers.id("delegated account"), ethers.provider);
    await owner.sendTransaction({ to: account.address, value: 10n ** 18n });
    const authorization = await account.authorize({ address: await measuring(world, promised), nonce: 1 });
    await account.sendTransaction({ type: 4, to: owner.address, authorizationList: [authorization] });
    return account.address;
}

/** Delivers with a gas limit, says what came of it, and takes it back. */
async function aDelivery(world: World, { callback, promised }: { callback: string; promised: bigint }) {
    const { hub, networkHelpers, stranger } = world;
    const request: OpenRequest = await world.open({ callback: `0x${callback.slice(2)}`, callbackGas: promised });
    const statement = await world.stateOf(request);
    const answer = { statement, input: "0x", output: classBytes(7) };
    const data = hub.interface.encodeFunctionData("fulfil", [request.key, answer, [await world.sign(statement)]]);
    const snapshot = await networkHelpers.takeSnapshot();

    return async (gasLimit: bigint): Promise<string> => {
        try {
            const sent = await stranger.sendTransaction({ to: hub, data, gasLimit });
            const receipt = await sent.wait();
            const attempted = receipt?.logs.map((log) => hub.interface.parseLog(log)).at(-1);
            return attempted?.args.succeeded ? "called" : "starved";
        } catch (error) {
            const text = String(error);
            if (text.includes("InsufficientCallbackGas")) return "InsufficientCallbackGas";
            return text;
        } finally {
            await snapshot.restore();
        }
    };
}

/** The least gas limit at which the callback is made, by bisection. */
async function leastGas(delivery: (gasLimit: bigint) => Promise<string>): Promise<bigint> {
    let [low, high] = [100_000n, 3_000_000n];
    while (high - low > 1n) {
        const middle = (low + high) / 2n;
        if ((await delivery(middle)) === "called") high = middle;
        else low = middle;
    }
    return high;
}
