import { FAMILIES, type Hex, ProtocolError, statementDigest, toHex, ZERO_BYTES32 } from "@assay/protocol";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import type { EnclaveClient } from "../../../offchain/executor/shell/enclaves/client.ts";
import { createEnclaves } from "../../../offchain/executor/shell/enclaves/enclaves.ts";
import { account, aStatement, US, word } from "./_builders.ts";
import { faultOf } from "./_faults.ts";

const { TEE_NITRO, TEE_TDX } = FAMILIES;
const never = new AbortController().signal;
const GATE = account(0x6a);
const MODEL = word(1);
const UNREACHABLE = new ProtocolError({ code: "EXECUTOR_ENCLAVE_UNREACHABLE", message: "Nobody is there." });
const REFUSED = new ProtocolError({ code: "EXECUTOR_ENCLAVE_REFUSED", message: "No." });

type Played = { name: string; family: number; wallet: Wallet; calls: string[]; client: EnclaveClient };

/** An enclave that does as told. */
function anEnclave(
    name: string,
    { family = TEE_NITRO, ...does }: { family?: number } & Partial<EnclaveClient> = {},
): Played {
    const wallet = new Wallet(id(name));
    const calls: string[] = [];
    const client: EnclaveClient = {
        url: `http://${name}`,
        identity: async () => ({ family, signer: toHex(wallet.address) }),
        ...does,
        sign: async (asked) => {
            calls.push("sign");
            return does.sign === undefined ? signedBy(wallet, asked) : does.sign(asked);
        },
    };
    return { name, family, wallet, calls, client };
}

function signedBy(wallet: Wallet, question: Parameters<EnclaveClient["sign"]>[0]): Hex {
    return toHex(wallet.signingKey.sign(statementDigest(question)).serialized);
}

/** A chain on which these are registered, each under the hash of its name. */
function registriesOf(registered: readonly Played[], { ended = [] }: { ended?: readonly Played[] } = {}) {
    const bySigner = (signer: Hex) => registered.find(({ wallet }) => toHex(wallet.address) === signer);
    const byId = (enclaveId: Hex) => registered.find(({ name }) => id(name) === enclaveId);
    return {
        enclaveOf: async ({ signer }: { signer: Hex }) => {
            const found = bySigner(signer);
            return found && toHex(id(found.name));
        },
        enclaveKey: async (asked: { enclaveId: Hex; family: number; operator: Hex; modelId: Hex }) => {
            const found = byId(asked.enclaveId);
            const isGood = found?.family === asked.family && asked.operator === US && asked.modelId === MODEL;
            if (found === undefined || !isGood) return { fault: "not named" };
            return ended.includes(found) ? { fault: "ended" } : { signer: toHex(found.wallet.address) };
        },
    };
}

function enclavesOf(
    played: readonly Played[],
    chain: { registered?: readonly Played[]; ended?: readonly Played[] } = {},
) {
    const { registered = played, ...rest } = chain;
    const clients = played.map(({ client }) => client);
    return createEnclaves({ clients, registries: registriesOf(registered, rest), operator: US });
}

const question = {
    family: TEE_NITRO,
    chainId: 31337,
    gate: GATE,
    statement: aStatement({ modelId: MODEL }),
    input: "0x01",
    output: "0x02",
    registration: { owner: account(0x0e), derivedFrom: ZERO_BYTES32 },
    signal: never,
} as const;

describe("executor: enclaves", () => {
    const found = async (enclaves: ReturnType<typeof enclavesOf>) => {
        const { live, missing } = await enclaves.attesting({ modelId: MODEL, signal: never });
        return { live: live.map(({ enclaveId }) => enclaveId), missing };
    };

    it("are those that the chain holds as valid now", async () => {
        const [good, stranger, ended] = [anEnclave("good"), anEnclave("stranger"), anEnclave("ended")];
        const enclaves = enclavesOf([good, stranger, ended], { registered: [good, ended], ended: [ended] });
        const why = `its key ${toHex(stranger.wallet.address)} is not registered`;
        expect(await found(enclaves)).to.deep.equal({
            live: [id("good")],
            missing: [
                { url: "http://stranger", family: TEE_NITRO, why },
                { url: "http://ended", family: TEE_NITRO, why: "ended" },
            ],
        });
    });

    it("are not what they say: the registered family counts", async () => {
        const liar = anEnclave("liar", { family: TEE_TDX });
        const enclaves = enclavesOf([liar], { registered: [{ ...liar, family: TEE_NITRO }] });
        expect((await found(enclaves)).live).to.deep.equal([]);
    });

    it("tell of one that could not be asked, beside those that could", async () => {
        const [good, gone] = [anEnclave("good"), anEnclave("gone", { identity: () => Promise.reject(UNREACHABLE) })];
        expect(await found(enclavesOf([gone, good]))).to.deep.equal({
            live: [id("good")],
            missing: [{ url: "http://gone", family: undefined, why: "it does not answer" }],
        });
    });

    it("throw what is a fault of the chain", async () => {
        const fault = new ProtocolError({ code: "EXECUTOR_RPC_UNREACHABLE", message: "Nobody is there." });
        const registries = { ...registriesOf([]), enclaveOf: () => Promise.reject(fault) };
        const enclaves = createEnclaves({ clients: [anEnclave("good").client], registries, operator: US });
        expect((await faultOf(enclaves.attesting({ modelId: MODEL, signal: never }))).code).to.equal(fault.code);
    });

    it("tell what keeps each of them from attesting anything", async () => {
        const [good, gone] = [anEnclave("good"), anEnclave("gone", { identity: () => Promise.reject(UNREACHABLE) })];
        const unknown = anEnclave("unknown");
        const enclaves = enclavesOf([good, gone, unknown], { registered: [good, gone] });

        const faults = await enclaves.faults({ signal: never });

        expect(faults.map(({ code }) => code)).to.deep.equal([
            "EXECUTOR_ENCLAVE_UNREACHABLE",
            "EXECUTOR_ENCLAVE_MISSING",
        ]);
        expect(faults[1]?.message).to.include("http://unknown has the key");
    });

    describe("sign", () => {
        const lies: Record<string, EnclaveClient["sign"]> = {
            refuses: () => Promise.reject(REFUSED),
            "cannot be reached": () => Promise.reject(UNREACHABLE),
            "signs nothing": async () => `0x${"00".repeat(65)}`,
            "signs with another key": async (asked) => signedBy(new Wallet(id("other")), asked),
            "signs another statement": async (asked) =>
                signedBy(new Wallet(id("bad")), { ...asked, statement: { ...asked.statement, outputHash: word(9) } }),
            "signs for another gate": async (asked) => signedBy(new Wallet(id("bad")), { ...asked, gate: account(9) }),
        };
        for (const [title, sign] of Object.entries(lies)) {
            it(`by another one when the first ${title}`, async () => {
                const [bad, good] = [anEnclave("bad", { sign }), anEnclave("good")];

                const { enclaveId, signature } = await enclavesOf([bad, good]).sign(question);

                expect(enclaveId).to.equal(id("good"));
                expect(signature).to.equal(signedBy(good.wallet, question));
                expect([bad.calls, good.calls]).to.deep.equal([["sign"], ["sign"]]);
            });

            it(`not at all when the only one ${title}`, async () => {
                const { code } = await faultOf(enclavesOf([anEnclave("bad", { sign })]).sign(question));
                expect(code).to.be.oneOf(["EXECUTOR_ENCLAVE_REFUSED", "EXECUTOR_ENCLAVE_UNREACHABLE"]);
            });
        }

        it("by none of another family", async () => {
            const other = anEnclave("other", { family: TEE_TDX });
            const fault = await faultOf(enclavesOf([other]).sign(question));
            expect(fault.code).to.equal("EXECUTOR_ENCLAVE_MISSING");
            expect(fault.message).to.include("TEE_NITRO is needed: no enclave is configured.");
            expect(other.calls).to.deep.equal([]);
        });

        it("not at all by one that is registered no more, and says which and why", async () => {
            const ended = anEnclave("ended");
            const { code, message } = await faultOf(enclavesOf([ended], { ended: [ended] }).sign(question));
            expect(code).to.equal("EXECUTOR_ENCLAVE_MISSING");
            expect(message).to.include("TEE_NITRO is needed: TEE_NITRO at http://ended: ended.");
            expect(ended.calls).to.deep.equal([]);
        });

        it("throws what is a defect, and asks nobody else", async () => {
            const [broken, good] = [
                anEnclave("broken", { sign: () => Promise.reject(new TypeError("a defect")) }),
                anEnclave("good"),
            ];
            const thrown = await enclavesOf([broken, good])
                .sign(question)
                .catch((error: unknown) => error);
            expect(thrown).to.be.instanceOf(TypeError);
            expect(good.calls).to.deep.equal([]);
        });
    });
});
