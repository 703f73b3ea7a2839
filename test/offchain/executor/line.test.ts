import { expect } from "chai";
import { createLine } from "../../../offchain/executor/shell/journal/_line.ts";

describe("executor: line in front of a database", () => {
    const aLine = (flush: () => Promise<void> = async () => {}) => {
        const done: string[] = [];
        let tended = 0;
        const line = createLine({
            flush: async () => {
                await flush();
                done.push("flush");
            },
            tend: async (works) => {
                tended += works;
            },
        });
        const note = (name: string) => async (isShared?: boolean) => {
            done.push(isShared ? `${name} shared` : name);
            return name;
        };
        return { line, done, note, tended: () => tended };
    };

    it("lets one by itself wait for the disk by itself", async () => {
        const { line, done, note } = aLine();

        expect(await line.share(note("one"))).to.equal("one");
        expect(done).to.deep.equal(["one"]);
    });

    it("takes those together that came together, in their order, and what stands alone between them", async () => {
        const { line, done, note, tended } = aLine();

        const told = await Promise.all([
            ...["a", "b"].map((name) => line.share(note(name))),
            line.alone(note("alone")),
            ...["c", "d"].map((name) => line.share(note(name))),
        ]);

        expect(told).to.deep.equal(["a", "b", "alone", "c", "d"]);
        expect(done).to.deep.equal(["a shared", "b shared", "flush", "alone", "c shared", "d shared", "flush"]);
        await line.alone(note("last"));
        expect(tended()).to.equal(6);
    });

    it("tells none of its result before the disk has what all of them did", async () => {
        const disk = Promise.withResolvers<void>();
        const { line, note } = aLine(() => disk.promise);
        const told: string[] = [];
        const both = ["a", "b"].map((name) => line.share(note(name)).then((result) => told.push(result)));
        const before = new Promise((resolve) => setTimeout(resolve, 20));
        await before;
        expect(told).to.deep.equal([]);

        disk.resolve();
        await Promise.all(both);

        expect(told).to.deep.equal(["a", "b"]);
    });

    it("fails all that went together when the disk fails, and only those", async () => {
        let isBroken = true;
        const { line, note } = aLine(async () => {
            if (isBroken) throw new Error("no disk");
        });
        const failed = await Promise.allSettled(["a", "b"].map((name) => line.share(note(name))));
        isBroken = false;
        const later = await Promise.all(["c", "d"].map((name) => line.share(note(name))));

        expect(failed.map(({ status }) => status)).to.deep.equal(["rejected", "rejected"]);
        expect(later).to.deep.equal(["c", "d"]);
    });

    it("goes on behind work that failed", async () => {
        const { line, note } = aLine();
        const fault = line.alone(() => Promise.reject(new Error("failed"))).catch(({ message }: Error) => message);

        expect(await Promise.all([fault, line.share(note("behind"))])).to.deep.equal(["failed", "behind"]);
    });

    it("lets work of two rounds depend on each other", async () => {
        const { line, note } = aLine();
        const first = line.share(note("first"));
        const second = line.alone(async () => `after ${await first}`);

        expect(await second).to.equal("after first");
    });
});
