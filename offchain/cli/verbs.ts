import type { Attach } from "./verb.ts";
import { cancel } from "./verbs/cancel.ts";
import { ceremony } from "./verbs/ceremony.ts";
import { compile } from "./verbs/compile.ts";
import { config } from "./verbs/config.ts";
import { demo } from "./verbs/demo.ts";
import { doctor } from "./verbs/doctor.ts";
import { enclave } from "./verbs/enclave.ts";
import { executor } from "./verbs/executor.ts";
import { gateway } from "./verbs/gateway.ts";
import { key } from "./verbs/key.ts";
import { prove } from "./verbs/prove.ts";
import { quote } from "./verbs/quote.ts";
import { receipt } from "./verbs/receipt.ts";
import { refund } from "./verbs/refund.ts";
import { register } from "./verbs/register.ts";
import { request } from "./verbs/request.ts";
import { tee } from "./verbs/tee.ts";
import { verify } from "./verbs/verify.ts";
import { withdraw } from "./verbs/withdraw.ts";

/** The verbs in the order in which --help lists them. */
export const VERBS: readonly Attach[] = [
    demo,
    compile,
    ceremony,
    prove,
    verify,
    register,
    quote,
    request,
    cancel,
    refund,
    withdraw,
    receipt,
    config,
    tee,
    executor,
    enclave,
    gateway,
    key,
    doctor,
];
