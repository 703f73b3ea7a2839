/** What this repository uses of WebAssembly: TypeScript declares it only together with the DOM. */
declare namespace WebAssembly {
    type Exports = Record<string, unknown>;
    class Module {
        private readonly compiled: true;
    }
    interface Instance {
        readonly exports: Exports;
    }
    interface Memory {
        readonly buffer: ArrayBuffer;
        grow(pages: number): number;
    }
    function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
    function instantiate(module: Module, imports: Record<string, Record<string, unknown>>): Promise<Instance>;
}
