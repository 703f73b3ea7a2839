import { expect } from "chai";
import { convergedStatus, PLATFORM_STATUSES } from "../../../../offchain/protocol/attestation/dcap/_statuses.ts";
import { type DcapForm, type DcapPlan, SGX, TDX, TDX_LATER } from "../../../support/attestation/dcap.ts";
import {
    aLevel,
    aModule,
    aPartLevel,
    COMPONENTS,
    type LevelJson,
    MODULE_SVNS,
} from "../../../support/attestation/dcapDocuments.ts";
import { judge } from "./_dcap.ts";

const ANY = ["SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded", "OutOfDate"].concat([
    "OutOfDateConfigurationNeeded",
    "TDRelaunchAdvised",
    "TDRelaunchAdvisedConfigurationNeeded",
    "Revoked",
]);
const LATER = { version: 5, isLater: true } as const;
const MODULE_OF_LEVEL = [5, 0, 2, ...COMPONENTS.slice(3).map(() => 0)];

/** Security versions with one of them changed. */
const but = (svns: number[], index: number, svn: number) => svns.map((old, i) => (i === index ? svn : old));

/** Verdict on a platform of which every status and advisory is allowed. */
function statusOf(change: (plan: DcapPlan) => void, form: DcapForm = {}): string {
    const verdict = judge({ form, change, input: { allow: { statuses: ANY, advisories: "any" } } });
    const known = [verdict.attestation?.tcbStatus, ...(verdict.attestation?.advisories ?? [])].join(" ");
    return verdict.accepted || verdict.code === "TcbStatusNotAllowed" ? known : verdict.code;
}

const withLevels = (levels: LevelJson[]) => (plan: DcapPlan) => {
    plan.tcbInfo.tcbLevels = levels;
};

/** A level of TDX that the platform reaches, and what is said of it. */
const level = (status: string, advisories?: string[]) =>
    aLevel({ module: MODULE_OF_LEVEL, status, ...(advisories && { advisories }) });

describe("verifyDcap of patch levels", function () {
    this.timeout(20_000); // dozens of quotes are made and verified in one test

    describe("of a platform", () => {
        it("takes the first level that nothing of the platform is below", () => {
            for (const index of COMPONENTS.keys()) {
                const higher = but(COMPONENTS, index, (COMPONENTS[index] ?? 0) + 1);
                const levels = [
                    aLevel({ components: higher, module: MODULE_OF_LEVEL, status: "UpToDate" }),
                    level("SWHardeningNeeded"),
                ];

                expect(statusOf(withLevels(levels))).to.equal("SWHardeningNeeded");
            }
        });

        it("compares the version of the provisioning enclave", () => {
            const levels = [aLevel({ module: MODULE_OF_LEVEL, pceSvn: 12, status: "UpToDate" }), level("OutOfDate")];

            expect(statusOf(withLevels(levels))).to.equal("OutOfDate");
        });

        it("compares the versions of a TDX module from the third on when it has an identity of its own", () => {
            const expected = MODULE_SVNS.map((_, index) => (index < 2 ? "UpToDate" : "OutOfDate"));

            const found = MODULE_SVNS.map((svn, index) => {
                const module = but(MODULE_OF_LEVEL, index, svn + 1);
                return statusOf(withLevels([aLevel({ module, status: "UpToDate" }), level("OutOfDate")]));
            });

            expect(found).to.deep.equal(expected);
        });

        it("compares all of them when it has none", () => {
            const change = (module: number[]) => (plan: DcapPlan) => {
                plan.body.set(TDX.teeTcbSvn, Uint8Array.from(but(MODULE_SVNS, 1, 0)));
                plan.tcbInfo.tcbLevels = [aLevel({ module, status: "UpToDate" })];
            };

            expect(statusOf(change(MODULE_OF_LEVEL))).to.equal("UpToDate");
            expect(statusOf(change(but(MODULE_OF_LEVEL, 0, 7)))).to.equal("TcbLevelUnknown");
            expect(statusOf(change(but(MODULE_OF_LEVEL, 1, 1)))).to.equal("TcbLevelUnknown");
        });

        it("knows no level for a platform below all, or when none speaks of TDX", () => {
            const above = aLevel({ components: but(COMPONENTS, 15, 1), module: MODULE_OF_LEVEL, status: "OutOfDate" });

            expect(statusOf(withLevels([above]))).to.equal("TcbLevelUnknown");
            expect(statusOf(withLevels([aLevel({ status: "UpToDate" })]))).to.equal("TcbLevelUnknown");
        });

        it("reads version 2, which names the components one by one", () => {
            const change = (last: number) => (plan: DcapPlan) => {
                const names = COMPONENTS.map((svn, index) => [
                    `sgxtcbcomp${String(index + 1).padStart(2, "0")}svn`,
                    svn,
                ]);
                const tcb = { ...Object.fromEntries(names), sgxtcbcomp16svn: last, pcesvn: 11 };
                const { id, ...info } = plan.tcbInfo;
                const levels = [{ ...aLevel({ status: "UpToDate" }), tcb }];
                plan.tcbInfo = { ...info, version: 2, tcbLevels: levels };
            };

            expect(statusOf(change(0), { kind: "sgx", version: 3 })).to.equal("UpToDate");
            expect(statusOf(change(1), { kind: "sgx", version: 3 })).to.equal("TcbLevelUnknown");
            expect(statusOf(change(0))).to.equal("CollateralMismatch");
        });
    });

    describe("of quoting enclave and TDX module", () => {
        const withQe = (status: string) => (plan: DcapPlan) => {
            plan.qeIdentity.tcbLevels = [aPartLevel(7, "UpToDate"), aPartLevel(6, status, ["INTEL-SA-QE"])];
        };
        const withModule = (status: string) => (plan: DcapPlan) => {
            const identity = {
                ...aModule("tdx_01", 0),
                tcbLevels: [aPartLevel(7, "UpToDate"), aPartLevel(6, status, ["INTEL-SA-M"])],
            };
            plan.tcbInfo.tdxModuleIdentities = [aModule("TDX_03", 3), identity];
        };

        it("makes the platform's status worse, and adds their advisories", () => {
            for (const [part, advisory] of [
                [withQe, "INTEL-SA-QE"],
                [withModule, "INTEL-SA-M"],
            ] as const) {
                const change = (status: string) => (plan: DcapPlan) => {
                    plan.tcbInfo.tcbLevels = [level("ConfigurationNeeded", ["INTEL-SA-P"])];
                    part(status)(plan);
                };
                const known = `INTEL-SA-P ${advisory}`;

                expect(statusOf(change("UpToDate"))).to.equal(`ConfigurationNeeded ${known}`);
                expect(statusOf(change("OutOfDate"))).to.equal(`OutOfDateConfigurationNeeded ${known}`);
                expect(statusOf(change("Revoked"))).to.equal(`Revoked ${known}`);
            }
        });

        it("makes every status worse by Intel's rule", () => {
            const worse = PLATFORM_STATUSES.map((status) => convergedStatus(status, ["UpToDate", "OutOfDate"]));

            expect(worse).to.deep.equal([
                "OutOfDate",
                "OutOfDate",
                "OutOfDateConfigurationNeeded",
                "OutOfDateConfigurationNeeded",
                "OutOfDate",
                "OutOfDateConfigurationNeeded",
                "Revoked",
            ]);
            for (const status of PLATFORM_STATUSES) {
                expect(convergedStatus(status, ["UpToDate", "UpToDate"])).to.equal(status);
                expect(convergedStatus(status, ["OutOfDate", "Revoked"])).to.equal("Revoked");
            }
        });

        it("knows no level for a quoting enclave or module below all", () => {
            expect(statusOf((plan) => plan.qeReport.set(SGX.isvSvn, Uint8Array.of(1, 0)))).to.equal("TcbLevelUnknown");
            expect(statusOf((plan) => plan.body.set(TDX.teeTcbSvn, Uint8Array.from(but(MODULE_SVNS, 0, 1))))).to.equal(
                "TcbLevelUnknown",
            );
        });

        it("reads the quoting enclave's version with its second byte the higher one", () => {
            expect(statusOf((plan) => plan.qeReport.set(SGX.isvSvn, Uint8Array.of(0, 1)))).to.equal("UpToDate");
        });

        it("knows no level for a module without identity", () => {
            expect(statusOf((plan) => plan.body.set(TDX.teeTcbSvn, Uint8Array.from(but(MODULE_SVNS, 1, 2))))).to.equal(
                "TcbLevelUnknown",
            );
        });

        it("refuses collateral that names another signer of the module", () => {
            const signed = (id: string) => ({ ...aModule(id, 4), mrsigner: "01".repeat(48) });

            expect(
                statusOf(({ tcbInfo }) => Object.assign(tcbInfo, { tdxModuleIdentities: [signed("TDX_01")] })),
            ).to.equal("CollateralMismatch");
            const withoutVersion = (plan: DcapPlan) => {
                plan.body.set(TDX.teeTcbSvn, Uint8Array.from(but(MODULE_SVNS, 1, 0)));
                plan.tcbInfo = { ...plan.tcbInfo, tdxModule: signed("") };
            };
            expect(statusOf(withoutVersion)).to.equal("CollateralMismatch");
        });
    });

    describe("of a domain that outlives its TDX module", () => {
        const launchedUnder = (first: string, now: number[]) => (plan: DcapPlan) => {
            plan.body.set(TDX.teeTcbSvn, Uint8Array.from(but(MODULE_SVNS, 2, 1)));
            plan.body.set(TDX_LATER.teeTcbSvn2, Uint8Array.from(now));
            const old = aLevel({ module: but(MODULE_OF_LEVEL, 2, 1), status: first, advisories: ["INTEL-SA-OLD"] });
            plan.tcbInfo.tcbLevels = [level("UpToDate"), old];
        };

        it("advises to launch it again when only the first module is out of date", () => {
            expect(statusOf(launchedUnder("OutOfDate", MODULE_SVNS), LATER)).to.equal("TDRelaunchAdvised INTEL-SA-OLD");
            expect(statusOf(launchedUnder("OutOfDateConfigurationNeeded", MODULE_SVNS), LATER)).to.equal(
                "TDRelaunchAdvisedConfigurationNeeded INTEL-SA-OLD",
            );
        });

        it("keeps the status when both are, or when the first is not", () => {
            const old = but(MODULE_SVNS, 2, 1);

            expect(statusOf(launchedUnder("OutOfDate", old), LATER)).to.equal("OutOfDate INTEL-SA-OLD");
            expect(statusOf(launchedUnder("SWHardeningNeeded", MODULE_SVNS), LATER)).to.equal(
                "SWHardeningNeeded INTEL-SA-OLD",
            );
        });

        it("takes a module that was revoked since for what it is", () => {
            const change = (plan: DcapPlan) => {
                plan.body.set(TDX_LATER.teeTcbSvn2, Uint8Array.from(but(MODULE_SVNS, 1, 3)));
                plan.tcbInfo.tdxModuleIdentities = [
                    aModule("TDX_01", 4),
                    { ...aModule("TDX_03", 0), tcbLevels: [aPartLevel(3, "Revoked")] },
                ];
            };

            expect(statusOf(change, LATER)).to.equal("Revoked");
        });

        it("knows no level for a later module below all", () => {
            const change = (plan: DcapPlan) => {
                plan.body.set(TDX_LATER.teeTcbSvn2, Uint8Array.from(but(MODULE_SVNS, 1, 9)));
            };

            expect(statusOf(change, LATER)).to.equal("TcbLevelUnknown");
        });
    });

    describe("that are not the best", () => {
        const codeOf = (status: string, allow?: { statuses: string[]; advisories: string[] | "any" }) =>
            judge({ change: withLevels([level(status, ["INTEL-SA-1", "INTEL-SA-2"])]), input: allow ? { allow } : {} })
                .code;
        const both = ["INTEL-SA-1", "INTEL-SA-2", "INTEL-SA-3"];

        it("are refused unless status and every advisory are allowed", () => {
            for (const status of ANY.slice(0, 5)) {
                expect(codeOf(status)).to.equal("TcbStatusNotAllowed");
                expect(codeOf(status, { statuses: ["UpToDate"], advisories: "any" })).to.equal("TcbStatusNotAllowed");
                expect(codeOf(status, { statuses: [status], advisories: [] })).to.equal("TcbStatusNotAllowed");
                expect(codeOf(status, { statuses: [status], advisories: ["INTEL-SA-2"] })).to.equal(
                    "TcbStatusNotAllowed",
                );
                expect(codeOf(status, { statuses: [status], advisories: both })).to.equal("ACCEPTED");
                expect(codeOf(status, { statuses: [status], advisories: "any" })).to.equal("ACCEPTED");
            }
        });

        it("are refused with what of them was not allowed", () => {
            const reasonOf = (statuses: string[], advisories: string[] | "any") => {
                const change = withLevels([level("OutOfDate", ["INTEL-SA-1", "INTEL-SA-2"])]);
                const verdict = judge({ change, input: { allow: { statuses, advisories } } });
                return verdict.accepted ? "" : verdict.reason;
            };

            expect(reasonOf([], ["INTEL-SA-1"])).to.equal(
                "The platform is OutOfDate: neither this status nor INTEL-SA-2 was allowed.",
            );
            expect(reasonOf([], "any")).to.equal("The platform is OutOfDate: this status was not allowed.");
            expect(reasonOf(["OutOfDate"], [])).to.equal(
                "The platform is OutOfDate, which was allowed, but not INTEL-SA-1, INTEL-SA-2.",
            );
        });

        it("are never accepted when they were revoked", () => {
            expect(codeOf("Revoked", { statuses: ["Revoked"], advisories: "any" })).to.equal("TcbStatusNotAllowed");
        });

        it("leave a warning that names them", () => {
            const { warnings } = judge({
                change: withLevels([level("SWHardeningNeeded", ["INTEL-SA-1"])]),
                input: { allow: { statuses: ["SWHardeningNeeded"], advisories: "any" } },
            });

            const text = "The platform's status is SWHardeningNeeded (INTEL-SA-1), which was allowed.";
            expect(warnings).to.deep.equal([{ code: "TCB_NOT_UP_TO_DATE", text }]);
        });

        it("are of no concern when Intel calls them up to date", () => {
            expect(codeOf("UpToDate")).to.equal("ACCEPTED");
        });
    });
});
