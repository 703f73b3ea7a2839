import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { recordedRequest, writeDeployment } from "@assay/sdk";
import { expect } from "chai";
import { aHome, assay, type Ran } from "./_assay.ts";
import { DEV_KEYS, startChain, startFakeNode, type TestChain } from "./_chain.ts";

const TEN_MINUTES_SECONDS = 600;
const SOME_ID = `0x${"00".repeat(32)}`;

describe("assay on a chain", () => {
    let chain: TestChain;
    let home: string;
    let removeHome: () => Promise<void>;

    before(async () => {
        chain = await startChain();
        ({ home, remove: removeHome } = await aHome());
    });
    after(async () => {
        await chain.close();
        await removeHome();
    });

    /** Runs a verb as the requester, with JSON output. */
    const as = (argv: string[], env: Record<string, string> = { ASSAY_KEY: DEV_KEYS.requester }): Promise<Ran> =>
        assay([...argv, "--json"], { cwd: chain.cwd, env: { ASSAY_HOME: home, ASSAY_RPC_URL: chain.rpcUrl, ...env } });

    const wish = (policy: string) => [
        ...["--model", chain.world.modelId, "--policy", policy],
        ...["--executor", chain.world.executor.address],
    ];

    const aRequest = (...more: string[]) => as(["request", ...wish("SIGNED"), "--input-hex", "0x010203", ...more]);

    /** A request that the executor of the test has answered. */
    async function anAnswer(): Promise<string> {
        const { requestId } = (await aRequest("--fee-wei", "5000")).json;
        await chain.world.deliver(await recordedRequest(chain.world, requestId), "0x07");
        return requestId;
    }

    describe("quote", () => {
        it("ends with 0 and the least fee when a clause can be met", async () => {
            const { exitCode, json } = await as(["quote", ...wish("SIGNED")]);

            expect(exitCode).to.equal(0);
            expect(json.status).to.equal("meetable");
            expect(BigInt(json.minimumFeeWei) > 0n).to.equal(true);
        });

        it("ends with 1 and the contract's own error when none can", async () => {
            const { exitCode, json } = await as(["quote", ...wish("TEE")]);

            expect(exitCode).to.equal(1);
            expect(json.refusal.error).to.equal("PolicyCannotBeMet");
            expect(json.clauses.map(({ meetable }: { meetable: boolean }) => meetable)).to.deep.equal([
                false,
                false,
                false,
            ]);
        });
    });

    describe("request", () => {
        it("opens a request at the quoted fee", async () => {
            const { exitCode, json } = await aRequest();

            expect(exitCode).to.equal(0);
            const { status } = await chain.world.asExecutor.hub.requestOf(json.requestId);
            expect(status).to.equal(1n);
            expect(BigInt(json.feeWei) > 0n).to.equal(true);
        });

        it("refuses before sending what no clause can meet, naming policy and error", async () => {
            const { exitCode, json, stderr } = await as(["request", ...wish("TEE"), "--input-hex", "0x01"]);

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("PolicyCannotBeMet");
            expect(json.error.arguments.policy).to.match(/\(TEE\)$/);
            expect(stderr).to.match(/^PolicyCannotBeMet: policy: 0x01.+\(TEE\)\n {2}fix: .+\n$/);
        });

        it("refuses a model that is not registered", async () => {
            const unknown = `0x${"ab".repeat(32)}`;

            const { exitCode, json } = await as([
                "request",
                "--model",
                unknown,
                "--policy",
                "SIGNED",
                "--input-hex",
                "0x",
            ]);

            expect(exitCode).to.equal(1);
            expect(json.error).to.deep.include({ code: "UnknownModel", arguments: { modelId: unknown } });
        });

        it("says that the account cannot pay", async () => {
            const { exitCode, json } = await aRequest("--fee-wei", `${10n ** 27n}`);

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("FUNDS_INSUFFICIENT");
            expect(json.error.message).to.contain(chain.world.requester.address).and.contain("on chain 31337");
        });

        it("ends with 1 when nobody answers within the wait", async () => {
            const { exitCode, json } = await aRequest("--wait-seconds", "0");

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("REQUEST_UNANSWERED");
        });
    });

    describe("keys", () => {
        it("does not guess a key", async () => {
            const { exitCode, json } = await as(["refund", SOME_ID], {});

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("ACCOUNT_NOT_CHOSEN");
        });

        it("takes a key value on the command line on a development chain", async () => {
            const { exitCode } = await as(
                ["request", ...wish("SIGNED"), "--input-hex", "0x01", "--private-key", DEV_KEYS.requester],
                {},
            );

            expect(exitCode).to.equal(0);
        });

        it("refuses a key value on the command line on any other chain, and does not repeat it", async () => {
            const node = await startFakeNode({ chainId: 1 });
            const { SIMULATED: _none, ...deployment } = chain.world.deployment;
            await writeDeployment({ root: chain.cwd, deployment: { ...deployment, chainId: 1 } });

            const { exitCode, json, stderr } = await as(
                ["refund", SOME_ID, "--rpc", node.rpcUrl, "--private-key", DEV_KEYS.requester],
                {},
            );
            await node.close();

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("ACCOUNT_KEY_ON_COMMAND_LINE");
            expect(stderr).not.to.contain(DEV_KEYS.requester.slice(2));
        });

        it("opens the keystore's only key with its password, and says when the password is wrong", async () => {
            const secrets = { ASSAY_KEY: DEV_KEYS.requester, ASSAY_PASSWORD: "right" };
            await as(["key", "import", "requester"], secrets);

            const right = await as(["request", ...wish("SIGNED"), "--input-hex", "0x01"], { ASSAY_PASSWORD: "right" });
            const wrong = await as(["request", ...wish("SIGNED"), "--input-hex", "0x01"], { ASSAY_PASSWORD: "wrong" });

            expect(right.exitCode).to.equal(0);
            expect(wrong.json.error.code).to.equal("KEYSTORE_PASSWORD_WRONG");
        });
    });

    describe("cancel", () => {
        it("announces, says when the next call is due, refuses earlier ones, and refunds then", async () => {
            const { requestId } = (await aRequest()).json;

            const first = await as(["cancel", requestId]);
            const early = await as(["cancel", requestId]);
            await chain.world.networkHelpers.time.increase(TEN_MINUTES_SECONDS);
            const second = await as(["cancel", requestId]);

            expect(first.json.refunded).to.equal(false);
            expect(early.exitCode).to.equal(1);
            expect(early.json.error.code).to.equal("CancelNotDue");
            expect(early.json.error.arguments.cancelAt).to.equal(first.json.cancelAt);
            expect(second.json.refunded).to.equal(true);
        });
    });

    describe("refund and withdraw", () => {
        it("give the fee back after the deadline", async () => {
            const to = "0x00000000000000000000000000000000000a55a7";
            const { requestId } = (await aRequest("--fee-wei", "12345", "--deadline-seconds", "60")).json;
            const early = await as(["refund", requestId]);

            await chain.world.networkHelpers.time.increase(120);
            const { hub } = chain.world.asExecutor;
            const before = await hub.creditOf(chain.world.requester.address, `0x${"00".repeat(20)}`);
            const refunded = await as(["refund", requestId]);
            const paid = await as(["withdraw", "--to", to]);
            const again = await as(["withdraw", "--to", to]);

            expect(early.json.error.code).to.equal("DeadlineNotPassed");
            expect(refunded.exitCode).to.equal(0);
            expect(BigInt(paid.json.amountWei)).to.equal(before + 12_345n);
            expect(await chain.world.provider.getBalance(to)).to.equal(before + 12_345n);
            expect(again.json.error.code).to.equal("NothingToWithdraw");
        });
    });

    describe("receipt", () => {
        it("is built from the chain, verifies against it, and verifies again as a file", async () => {
            const requestId = await anAnswer();

            const shown = await as(["receipt", "show", requestId, "--out", "receipt.json"], {});
            const onChain = await as(["receipt", "verify", requestId], {});
            const offline = await assay(["receipt", "verify", "receipt.json", "--json"], { cwd: chain.cwd });

            expect(shown.json.statement.requestId).to.equal(requestId);
            expect(onChain.exitCode).to.equal(0);
            expect(onChain.json.claimed).to.have.length(1);
            expect(offline.exitCode).to.equal(0);
            expect(offline.json.claimed.length).to.be.greaterThan(5);
        });

        it("ends with 1 for a receipt that was changed, naming what is wrong", async () => {
            const requestId = await anAnswer();
            await as(["receipt", "show", requestId, "--out", "changed.json"], {});
            const file = path.join(chain.cwd, "changed.json");
            const receipt = JSON.parse(await readFile(file, "utf8"));
            await writeFile(file, JSON.stringify({ ...receipt, output: "0x08" }));

            const { exitCode, json } = await assay(["receipt", "verify", "changed.json", "--json"], { cwd: chain.cwd });

            expect(exitCode).to.equal(1);
            expect(json).to.deep.include({ accepted: false, code: "RECEIPT_OUTPUT_MISMATCH" });
        });

        it("does not exist for an unanswered and an unknown request", async () => {
            const { requestId } = (await aRequest()).json;

            const unanswered = await as(["receipt", "show", requestId], {});
            const unknown = await as(["receipt", "show", `0x${"cd".repeat(32)}`], {});

            expect(unanswered.json.error.code).to.equal("REQUEST_UNANSWERED");
            expect(unknown.json.error.code).to.equal("REQUEST_UNKNOWN");
        });
    });

    describe("doctor", () => {
        const statuses = ({ json }: Ran) =>
            Object.fromEntries(
                json.findings.map(({ name, status }: { name: string; status: string }) => [name.split(" ")[0], status]),
            );

        it("finds a sound deployment and a registered executor healthy", async () => {
            const ran = await as(["doctor", "--executor", chain.world.executor.address]);

            expect(ran.exitCode).to.equal(0);
            expect(statuses(ran)).to.deep.include({
                code: "ok",
                wiring: "ok",
                encoding: "ok",
                records: "ok",
                payment: "ok",
                families: "ok",
                executor: "ok",
                balance: "ok",
            });
        });

        it("says loudly that enclaves are SIMULATED, and fails where the file does not say so", async () => {
            const file = path.join(chain.cwd, "quiet.json");
            const { SIMULATED: _said, ...quiet } = chain.world.deployment;
            await writeFile(file, JSON.stringify(quiet));

            const loud = await as(["doctor"]);
            const hushed = await as(["doctor", "--deployment", file]);

            expect(statuses(loud)).to.deep.include({ TEE_NITRO: "warn", TEE_TDX: "warn" });
            expect(loud.json.findings.map(({ detail }: { detail: string }) => detail).join()).to.include("SIMULATED");
            expect(statuses(hushed)).to.deep.include({ TEE_NITRO: "fail", TEE_TDX: "fail" });
        });

        it("fails when revocations are kept elsewhere than the file says", async () => {
            const file = path.join(chain.cwd, "elsewhere.json");
            const { contracts, ...rest } = chain.world.deployment;
            const swapped = { ...contracts, AttestationPolicy: contracts.P384Verifier };
            await writeFile(file, JSON.stringify({ ...rest, contracts: swapped }));

            const ran = await as(["doctor", "--deployment", file]);

            expect(statuses(ran)).to.deep.include({ wiring: "fail", TEE_NITRO: "fail", TEE_TDX: "fail" });
        });

        it("fails for an executor without a key", async () => {
            const ran = await as(["doctor", "--executor", chain.world.requester.address]);

            expect(ran.exitCode).to.equal(1);
            expect(statuses(ran).executor).to.equal("fail");
        });

        it("fails for a deployment file that names other contracts", async () => {
            const file = path.join(chain.cwd, "wrong.json");
            const { contracts, ...rest } = chain.world.deployment;
            const swapped = { ...contracts, EvidenceGate: contracts.InferenceHub };
            await writeFile(file, JSON.stringify({ ...rest, contracts: swapped }));

            const ran = await as(["doctor", "--deployment", file]);

            expect(ran.exitCode).to.equal(1);
            expect(statuses(ran)).to.deep.include({ code: "ok", wiring: "fail" });
        });

        it("fails for a receipt log and a payment token that are something else", async () => {
            const file = path.join(chain.cwd, "records.json");
            const { contracts, ...rest } = chain.world.deployment;
            const swapped = { ...contracts, ReceiptLog: contracts.Sha384, PaymentToken: contracts.Token };
            await writeFile(file, JSON.stringify({ ...rest, contracts: swapped }));

            const ran = await as(["doctor", "--deployment", file]);

            expect(ran.exitCode).to.equal(1);
            expect(statuses(ran)).to.deep.include({ records: "fail", payment: "fail", wiring: "ok" });
        });

        it("reports a node that does not answer as a finding", async () => {
            const ran = await as(["doctor", "--rpc", "http://127.0.0.1:9"]);

            expect(ran.exitCode).to.equal(1);
            expect(statuses(ran)).to.deep.equal({ versions: "ok", keys: "ok", chain: "fail" });
        });

        it("makes a self-request when asked, and fails when nobody answers it", async () => {
            const asked = ["--model", chain.world.modelId, "--policy", "SIGNED", "--input-hex", "0x01"];

            const ran = await as([
                ...["doctor", "--self-request", "--wait-seconds", "0"],
                ...["--executor", chain.world.executor.address, ...asked],
            ]);

            expect(ran.exitCode).to.equal(1);
            expect(statuses(ran)["self-request"]).to.equal("fail");
        });
    });

    it("refuses a deployment file of another chain", async () => {
        const file = path.join(chain.cwd, "other.json");
        await writeFile(file, JSON.stringify({ ...chain.world.deployment, chainId: 1337 }));

        const { exitCode, json } = await as(["quote", ...wish("SIGNED"), "--deployment", file]);

        expect(exitCode).to.equal(1);
        expect(json.error.code).to.equal("CHAIN_MISMATCH");
    });
});
