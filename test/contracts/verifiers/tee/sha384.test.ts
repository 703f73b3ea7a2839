import { createHash } from "node:crypto";
import { expect } from "chai";
import { network } from "hardhat";

/** Around the ends of one and two blocks, of several, and of a Nitro document. */
const LENGTHS = [
    0, 1, 31, 32, 33, 63, 64, 110, 111, 112, 113, 119, 120, 127, 128, 129, 238, 239, 240, 241, 255, 256, 257,
];
const LONGER = [383, 384, 495, 496, 560, 1000, 4395, 4469, 20_000];
const RANDOM_MESSAGES = 150;
const MAX_RANDOM_BYTES = 600;
/** Most gas for one block of 128 bytes, without what its calldata costs. */
const MAX_BLOCK_GAS = 22_000n;
const CALLDATA_GAS_PER_ZERO_BYTE = 4n;
/** EIP-170. */
const MAX_CODE_BYTES = 24_576;
const SEED = "assay sha384";

const expected = (message: Uint8Array) => createHash("sha384").update(message).digest("hex");

/** Bytes that only a name decides: the hash chain of it. */
function bytesOf(name: string, length: number): Uint8Array {
    const chunks: Buffer[] = [];
    for (let i = 0; i * 64 < length; i += 1) chunks.push(createHash("sha512").update(`${name} ${i}`).digest());
    return new Uint8Array(Buffer.concat(chunks).subarray(0, length));
}

describe("Sha384", () => {
    async function createHasher() {
        const { ethers } = await network.create();
        const hasher = await ethers.deployContract("Sha384");
        /** The hash as 96 hexadecimal digits. */
        async function hash(message: Uint8Array): Promise<string> {
            const [hi, lo] = await hasher.sha384(message);
            return hi.toString(16).padStart(32, "0") + lo.toString(16).padStart(64, "0");
        }
        return { ethers, hasher, hash };
    }

    it("agrees with node:crypto at the edges of blocks", async () => {
        const { hash } = await createHasher();
        for (const length of [...LENGTHS, ...LONGER]) {
            for (const message of [bytesOf(SEED, length), new Uint8Array(length), new Uint8Array(length).fill(0xff)]) {
                expect(await hash(message), `${length} bytes`).to.equal(expected(message));
            }
        }
    });

    it(`agrees with node:crypto on ${RANDOM_MESSAGES} random messages (seed "${SEED}")`, async () => {
        const { hash } = await createHasher();
        for (let i = 0; i < RANDOM_MESSAGES; i += 1) {
            const [high = 0, low = 0] = bytesOf(`${SEED} length ${i}`, 2);
            const message = bytesOf(`${SEED} ${i}`, (256 * high + low) % MAX_RANDOM_BYTES);
            expect(await hash(message), `message ${i}`).to.equal(expected(message));
        }
    });

    it("agrees with the examples of the standard", async () => {
        const { hash } = await createHasher();

        expect(await hash(new TextEncoder().encode("abc"))).to.equal(
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        );
    });

    it("reads the message wherever it lies in the calldata, and nothing beside it", async () => {
        const { ethers, hasher } = await createHasher();
        const [signer] = await ethers.getSigners();
        for (const [shift, length] of [
            [1, 0],
            [17, 5],
            [31, 111],
            [33, 128],
            [3, 250],
        ] as const) {
            const message = bytesOf(SEED, length);
            const data = ethers.concat([
                hasher.interface.getFunction("sha384").selector,
                ethers.toBeHex(32 + shift, 32),
                new Uint8Array(shift).fill(0xee),
                ethers.toBeHex(length, 32),
                message,
                new Uint8Array(200).fill(0xff),
            ]);

            const answer = (await signer?.call({ to: await hasher.getAddress(), data })) ?? "0x";

            expect(ethers.dataSlice(answer, 16), `shifted by ${shift}`).to.equal(`0x${expected(message)}`);
        }
    });

    it("takes at most 22 thousand gas a block, and fits into a contract", async () => {
        const { ethers, hasher } = await createHasher();
        const gasOf = (length: number) => hasher.sha384.estimateGas(new Uint8Array(length));

        const tenBlocks = (await gasOf(1280 + 64)) - (await gasOf(64));

        const code = await ethers.provider.getCode(await hasher.getAddress());
        expect(tenBlocks / 10n - 128n * CALLDATA_GAS_PER_ZERO_BYTE).to.be.at.most(MAX_BLOCK_GAS);
        expect(ethers.dataLength(code)).to.be.at.most(MAX_CODE_BYTES);
    });
});
