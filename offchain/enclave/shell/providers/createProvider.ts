import { randomUUID } from "node:crypto";
import type { Hex } from "@assay/protocol";
import type { AttestationProvider } from "../../core/provider.ts";
import type { Settings } from "../settings.ts";
import { createDevProvider } from "./dev.ts";
import { createDstackProvider } from "./dstack.ts";
import { createNitridingProvider } from "./nitriding.ts";
import { createTsmProvider } from "./tsm.ts";

/** The provider that the settings name. */
export function createProvider({
    settings: { provider, form },
    binaryDigest,
    now,
}: {
    settings: Pick<Settings, "provider" | "form">;
    binaryDigest: Hex;
    now: () => number;
}): AttestationProvider {
    switch (provider.name) {
        case "nitriding":
            return createNitridingProvider(provider);
        case "tsm":
            return createTsmProvider({ root: provider.root, name: () => `assay-${randomUUID()}` });
        case "dstack":
            return createDstackProvider(provider);
        case "dev":
            return createDevProvider({ form, codeHash: provider.codeHash ?? binaryDigest, now });
    }
}
