import { ProtocolError } from "@assay/protocol";
import type * as z from "zod";
import { atFault } from "./atFault.ts";
import { issuesText, memberAt } from "./issues.ts";

/** A body that is not of the form that its route takes; `param` is the member at fault. */
export function bodyInvalid(message: string, param?: string): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_BODY_INVALID", message, cause: atFault(param) });
}

/** A member of a body that is of another form. */
export function memberInvalid(name: string, error: z.ZodError): ProtocolError {
    return bodyInvalid(`${issuesText(error, name)}.`, memberAt(error, name));
}

/** A parameter that the model cannot obey: nothing is ever ignored. */
export function unsupported(message: string, param?: string): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_PARAMETER_UNSUPPORTED", message, cause: atFault(param) });
}
