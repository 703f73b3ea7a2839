#!/usr/bin/env python3
"""Checks the hashes and the signature of a gateway's receipt with nothing but Python 3's standard library.

Written against docs/receipts.md alone, so that the document is shown to be enough. It reads no chain: which key an
executor had, what was paid and what a log holds is for `assay receipt verify --rpc`.

    python3 scripts/verify-receipt.py receipt.json    prints the hashes as JSON

The file holds a receipt, a list of them, or what a gateway answers at GET /v1/receipts/{id}. Exit code 1 when a hash does
not fit, 2 when the file has no receipt that could be read.
"""

import json
import sys

# keccak-f[1600], little-endian lanes; padding 0x01 … 0x80 (not SHA-3's 0x06).
ROUNDS = [
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]
TURNS = [[0, 36, 3, 41, 18], [1, 44, 10, 45, 2], [62, 6, 43, 15, 61], [28, 55, 25, 21, 56], [27, 20, 39, 8, 14]]
RATE_BYTES = 136
LANE = (1 << 64) - 1


def turned(lane, bits):
    return ((lane << bits) | (lane >> (64 - bits))) & LANE if bits else lane


def permuted(a):
    for constant in ROUNDS:
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        d = [c[x - 1] ^ turned(c[(x + 1) % 5], 1) for x in range(5)]
        b = [[0] * 5 for _ in range(5)]
        for x in range(5):
            for y in range(5):
                b[y][(2 * x + 3 * y) % 5] = turned(a[x][y] ^ d[x], TURNS[x][y])
        a = [[b[x][y] ^ (~b[(x + 1) % 5][y] & LANE & b[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
        a[0][0] ^= constant
    return a


def keccak256(data):
    padded = bytearray(data + b"\x01" + b"\x00" * (-(len(data) + 1) % RATE_BYTES))
    padded[-1] |= 0x80
    a = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), RATE_BYTES):
        for i in range(RATE_BYTES // 8):
            a[i % 5][i // 5] ^= int.from_bytes(padded[start + 8 * i : start + 8 * i + 8], "little")
        a = permuted(a)
    return b"".join(a[i][0].to_bytes(8, "little") for i in range(4))


# RFC 8785: members by UTF-16 code units, numbers and strings as ECMAScript writes them, no white space.
def canonical(value):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, (int, float)):
        return number_of(float(value))
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(text_of(name) + ":" + canonical(value[name]) for name in names) + "}"


SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def text_of(text):
    return '"' + "".join(SHORT.get(c) or (c if c >= " " else f"\\u{ord(c):04x}") for c in text) + '"'


def number_of(number):
    if number == 0:
        return "0"
    sign, number = ("-", -number) if number < 0 else ("", number)
    mantissa, _, exponent = f"{number!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    # 0.digits · 10^point; repr gives the shortest digits, as ECMAScript does.
    point = int(exponent or 0) + len(whole) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return sign + digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + power


def hash_json(value):
    return keccak256(canonical(value).encode())


# ABI words.
def data_of(hexadecimal):
    return bytes.fromhex(hexadecimal[2:])


def word(value):
    return value.to_bytes(32, "big") if isinstance(value, int) else value.rjust(32, b"\x00")


def hash_words(*values):
    return keccak256(b"".join(word(value) for value in values))


def tag(name):
    return keccak256(f"assay.{name}.v1".encode())


FIELDS = {
    "requestId": "bytes32", "modelId": "bytes32", "configHash": "bytes32", "inputHash": "bytes32",
    "outputHash": "bytes32", "contextHash": "bytes32", "executor": "address", "issuedAt": "uint64", "round": "uint32",
    "resultCode": "uint8",
}


def digest_of(receipt):
    members = ",".join(f"{kind} {name}" for name, kind in FIELDS.items())
    values = [receipt["statement"][name] for name in FIELDS]
    struct = hash_words(keccak256(f"Statement({members})".encode()), *[v if isinstance(v, int) else data_of(v) for v in values])
    domain = hash_words(
        keccak256(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
        keccak256(b"Assay"), keccak256(b"1"), receipt["chainId"], data_of(receipt["gate"]),
    )
    return keccak256(b"\x19\x01" + domain + struct)


def request_id_of(receipt):
    request, executor = receipt["request"], data_of(receipt["statement"]["executor"])
    asked = [data_of(request[name]) for name in ("payer", "paymentNonce", "requestHash")]
    return hash_words(tag("request.gateway"), receipt["chainId"], data_of(receipt["gate"]), executor, *asked)


LATER = {"evidence", "registry", "attestation", "settlement", "refund", "erased"}


def receipt_hash_of(receipt):
    if "erased" in receipt:
        return data_of(receipt["erased"]["receiptHash"])
    return hash_json({name: value for name, value in receipt.items() if name not in LATER})


def root_of(receipt, digest):
    settlement, executor = receipt["settlement"], data_of(receipt["statement"]["executor"])
    node = keccak256(hash_words(tag("leaf"), executor, settlement["sequence"], digest, receipt_hash_of(receipt)))
    for sibling in map(data_of, settlement["proof"]):
        node = keccak256(min(node, sibling) + max(node, sibling))
    return node


def parts_of(route, output):
    if not output:
        return []
    if route == "infer":
        return [{"path": "output", "keccak256": hex_of(keccak256(output))}]
    answer = json.loads(output)
    beside = {name: value for name, value in answer.items() if name != "choices"}
    levels = [(f"choices.{i}.", choice) for i, choice in enumerate(answer["choices"])] + [("", beside)]
    return [
        {"path": prefix + name, "keccak256": hex_of(hash_json(level[name]))}
        for prefix, level in levels
        for name in sorted(level, key=lambda name: name.encode("utf-16-be"))
    ]


# secp256k1: whose signature 65 bytes r, s, v are.
P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)


def sum_of(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    slope = 3 * a[0] ** 2 * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(scalar, point):
    result = None
    for bit in bin(scalar)[2:]:
        result = sum_of(result, result)
        if bit == "1":
            result = sum_of(result, point)
    return result


def signer_of(digest, signature):
    r, s, v = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64:]
    if not (0 < r < N and 0 < s <= N // 2 and v in (b"\x1b", b"\x1c")):
        return None
    y = pow(r**3 + 7, (P + 1) // 4, P)
    if (y * y - r**3 - 7) % P:
        return None
    y = y if y % 2 == v[0] - 27 else P - y
    inverse = pow(r, -1, N)
    key = sum_of(times(-int.from_bytes(digest, "big") * inverse % N, G), times(s * inverse % N, (r, y)))
    return keccak256(word(key[0]) + word(key[1]))[12:] if key else None


def hex_of(data):
    return None if data is None else "0x" + data.hex()


def examine(receipt):
    """The hashes of a receipt, and what in it does not fit them."""
    statement, request, context = receipt["statement"], receipt["request"], receipt.get("context")
    digest = digest_of(receipt)
    found = {"requestId": request_id_of(receipt), "digest": digest, "receiptHash": receipt_hash_of(receipt)}
    wanted = [("requestId", statement["requestId"])]
    for side in ("input", "output"):
        if side in receipt:
            found[side + "Hash"] = keccak256(data_of(receipt[side]))
            wanted.append((side + "Hash", statement[side + "Hash"]))
    if context is not None:
        found |= {"contextHash": hash_json(context), "requestHash": hash_json(context["requested"])}
        wanted += [("contextHash", statement["contextHash"]), ("requestHash", request["requestHash"])]
    if "settlement" in receipt:
        found["root"] = root_of(receipt, digest)
        wanted.append(("root", receipt["settlement"]["root"]))
    for item in receipt["evidence"]:
        if item["family"] == "SIGNED":
            found["signer"] = signer_of(digest, data_of(item["data"]))
            wanted.append(("signer", receipt["registry"]["executor"]["signingKey"]))
    faults = [name for name, expected in wanted if hex_of(found[name]) != expected]
    if context is not None:
        faults += context_faults(receipt, context)
    return {**{name: hex_of(value) for name, value in found.items()}, "faults": faults}


def context_faults(receipt, context):
    request, payment = receipt["request"], context["payment"]
    output = data_of(receipt.get("output", "0x"))
    is_known = "output" in receipt or receipt["statement"]["resultCode"] != 0
    rules = {
        "policy": context["policy"] == request["policy"],
        "payment": payment is None or (payment["payer"], payment["nonce"]) == (request["payer"], request["paymentNonce"]),
        "sequence": receipt.get("settlement", context)["sequence"] == context["sequence"],
        "outputParts": not is_known or parts_of(context["route"], output) == context["outputParts"],
    }
    if context["route"] == "chat" and "input" in receipt:
        text = data_of(receipt["input"])
        effective = json.loads(text)
        rules["input"] = canonical(effective).encode() == text
        rules["salt"] = effective.pop("salt", None) == context["salt"]
        effective.pop("messages", None)
        rules["effective"] = canonical(effective) == canonical(context["effective"])
    return [name for name, holds in rules.items() if not holds]


class Unreadable(Exception):
    """A file without a receipt that could be examined; its text is one line for people."""


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except OSError as fault:
        raise Unreadable(f"cannot be read: {fault.strerror or fault}") from fault
    except (ValueError, RecursionError) as fault:
        raise Unreadable(f"is not JSON, or not all of it: {fault}") from fault


def receipt_in(given):
    """The receipt itself, also out of a gateway's answer; what stands beside it there is only the gateway's word."""
    if isinstance(given, dict) and {"id", "status", "receipt"} <= given.keys() and "version" not in given:
        if given["receipt"] is None:
            raise Unreadable(f"says {json.dumps(given['status'])[:40]} and holds no receipt")
        return given["receipt"]
    return given


def examined(given):
    receipt = receipt_in(given)
    if not isinstance(receipt, dict) or receipt.get("version") != 1 or receipt.get("origin") != "gateway":
        raise Unreadable("is no gateway's receipt of version 1")
    try:
        return examine(receipt)
    except KeyError as fault:
        raise Unreadable(f"is no whole receipt: member {fault} is missing") from fault
    except (TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError) as fault:
        raise Unreadable(f"is no whole receipt: {fault}") from fault


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        given = read(sys.argv[1])
        results = [examined(one) for one in given] if isinstance(given, list) else examined(given)
    except Unreadable as fault:
        print(" ".join(f"{sys.argv[1]} {fault}".split()), file=sys.stderr)
        return 2
    print(json.dumps(results, indent=1))
    return 1 if any(result["faults"] for result in (results if isinstance(results, list) else [results])) else 0


if __name__ == "__main__":
    sys.exit(main())
