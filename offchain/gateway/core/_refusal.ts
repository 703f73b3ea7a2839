import { ProtocolError } from "@assay/protocol";

/** A body that is not of the form that its route takes. */
export function bodyInvalid(message: string): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_BODY_INVALID", message });
}

/** A parameter that the model cannot obey: nothing is ever ignored. */
export function unsupported(message: string): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_PARAMETER_UNSUPPORTED", message });
}
