import { extension } from "./certificate.ts";
import { der, derOctets, derOid, derSequence, derSmall } from "./derWriter.ts";

/** What a PCK certificate says of its platform (Intel's extension 1.2.840.113741.1.13.1). */
export interface PlatformFields {
    /** 16 bytes. */
    ppid: Uint8Array;
    /** 16 patch levels, 0 to 255 each. */
    componentSvns: readonly number[];
    pceSvn: number;
    /** 2 bytes. */
    pceId: Uint8Array;
    /** 6 bytes. */
    fmspc: Uint8Array;
    /** 16 bytes. */
    platformInstance: Uint8Array;
}

const SGX = "1.2.840.113741.1.13.1";
const TRUE = der(0x01, Uint8Array.of(0xff));
/** SGXType 1: scalable, the kind of platform that has TDX. */
const SCALABLE = der(0x0a, Uint8Array.of(1));

/** Writes the extension as Intel does. */
export function sgxExtension(platform: PlatformFields): Uint8Array {
    const { ppid, componentSvns, pceSvn, pceId, fmspc, platformInstance } = platform;
    const levels = [...componentSvns, pceSvn].map((svn, index) => numbered(`2.${index + 1}`, derSmall(svn)));
    const cpuSvn = numbered("2.18", derOctets(Uint8Array.from(componentSvns)));
    const value = derSequence(
        numbered("1", derOctets(ppid)),
        numbered("2", derSequence(...levels, cpuSvn)),
        numbered("3", derOctets(pceId)),
        numbered("4", derOctets(fmspc)),
        numbered("5", SCALABLE),
        numbered("6", derOctets(platformInstance)),
        numbered("7", derSequence(...["7.1", "7.2", "7.3"].map((arc) => numbered(arc, TRUE)))),
    );
    return extension({ oid: derOid(SGX), value });
}

function numbered(arc: string, value: Uint8Array): Uint8Array {
    return derSequence(derOid(`${SGX}.${arc}`), value);
}
