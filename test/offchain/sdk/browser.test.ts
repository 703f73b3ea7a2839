import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { z } from "zod";

const SDK = fileURLToPath(new URL("../../../offchain/sdk/", import.meta.url));

/** What is used of the bundler, which comes with other packages and has no entry in package.json. */
const bundler = z.object({
    build: z.custom<(options: Record<string, unknown>) => Promise<unknown>>((build) => typeof build === "function"),
});
const built = z.object({
    metafile: z.object({
        inputs: z.record(z.string(), z.object({ imports: z.array(z.object({ path: z.string() })) })),
    }),
    outputFiles: z.array(z.object({ text: z.string() })),
});

const found = await bundlerFound();

describe("the SDK in a browser", () => {
    const what = "is bundled by its own name without a module of Node, viem or a package of the gateway";
    if (found === undefined) {
        it(`${what} (not tried: no bundler is installed)`);
        return;
    }
    it(what, async () => {
        const { metafile, outputFiles } = built.parse(
            await found.build({
                stdin: { contents: 'export { createAssay } from "@assay/sdk";', resolveDir: SDK },
                ...{
                    bundle: true,
                    write: false,
                    metafile: true,
                    platform: "browser",
                    format: "esm",
                    logLevel: "silent",
                },
            }),
        );

        const files = Object.keys(metafile.inputs);
        const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
        const ofNode = imported.filter((path) => path.startsWith("node:") || builtinModules.includes(path));
        expect(ofNode).to.deep.equal([]);
        expect(files.filter((file) => /node_modules\/(?:viem|snarkjs|@hono)\//.test(file))).to.deep.equal([]);
        expect(outputFiles[0]?.text).to.contain("SDK_OPTIONS_INVALID");
    });
});

/** The bundler, if some other package has brought it. */
async function bundlerFound() {
    const name = "esbuild";
    try {
        return bundler.parse(await import(name));
    } catch {
        return undefined;
    }
}
