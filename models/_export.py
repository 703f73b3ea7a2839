"""What the training scripts share: reproducible ONNX files and compact JSON beside them."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).resolve().parent
OPSET = 13  # the first with Gemm, Relu and ArgMax as every current runtime has them
IR_VERSION = 8
ML = ("ai.onnx.ml", 1)  # trees, scalers and regressors as scikit-learn's own exporter writes them
CLASS = helper.make_tensor_value_info("class", TensorProto.INT64, [1])


def save_classifier(name, layers, inputs):
    """Writes Gemm (Relu Gemm)* ArgMax on float32: `layers` is a list of (weights [out, in], biases [out])."""
    nodes, constants, value = [], [], "input"
    for index, (weights, biases) in enumerate(layers):
        last = index == len(layers) - 1
        constants.append(constant(f"layer{index}.weight", weights))
        constants.append(constant(f"layer{index}.bias", biases))
        linear = "logits" if last else f"layer{index}.linear"
        nodes.append(
            helper.make_node(
                "Gemm", [value, f"layer{index}.weight", f"layer{index}.bias"], [linear], name=f"layer{index}", transB=1
            )
        )
        value = linear
        if not last:
            value = f"layer{index}.relu"
            nodes.append(helper.make_node("Relu", [linear], [value], name=value))
    nodes.append(class_of("logits"))
    save_model(name, nodes, constants, [1, inputs], CLASS)


def class_of(logits):
    """The node that ends a classifier: the index of the greatest logit."""
    return helper.make_node("ArgMax", [logits], ["class"], name="class", axis=1, keepdims=0)


def save_model(name, nodes, constants, input_shape, output, domains=()):
    """Writes a model from float32 `input` to `output`, a value of make_tensor_value_info."""
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, input_shape)],
        [output],
        constants,
    )
    opsets = [helper.make_opsetid("", OPSET), *(helper.make_opsetid(*domain) for domain in domains)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="assay")
    onnx.checker.check_model(model, full_check=True)
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def constant(name, values):
    """A float32 constant."""
    return numpy_helper.from_array(np.asarray(values, dtype=np.float32), name)


def save_calibration(name, rows, numbers=None):
    """Writes inputs in EZKL's form, {"input_data": [[...], ...]}; `numbers` makes a row JSON numbers."""
    save_json(f"{name}.calibration.json", {"input_data": [(numbers or whole)(row) for row in rows]})


def save_samples(name, rows, labels, numbers=None):
    """Writes inputs that training never saw, each with the right answer."""
    samples = [{"input": (numbers or whole)(row), "label": label.item()} for row, label in zip(rows, labels)]
    save_json(f"{name}.samples.json", {"samples": samples})


def save_json(file, value):
    """Writes one line per list element, so that differences stay readable."""
    (key, items), = value.items() if len(value) == 1 else ((None, None),)
    if key is None:
        text = json.dumps(value, indent=2)
    else:
        lines = ",\n".join(json.dumps(item, separators=(",", ":")) for item in items)
        text = f'{{"{key}": [\n{lines}\n]}}'
    (FOLDER / file).write_text(text + "\n")


def whole(row):
    """The integers of a row; refuses anything else, since these files state exact inputs."""
    integers = [int(value) for value in row]
    assert integers == list(row)
    return integers


def single(row):
    """The float32 numbers of a row, each with the fewest digits that still mean the same float32."""
    return [float(str(value)) for value in np.asarray(row, dtype=np.float32)]


def classify(layers, rows, dtype=np.float32):
    """Runs the classifier in numpy."""
    values = rows.astype(dtype)
    for index, (weights, biases) in enumerate(layers):
        values = values @ weights.astype(dtype).T + biases.astype(dtype)
        if index < len(layers) - 1:
            values = np.maximum(values, 0)
    return values.argmax(axis=1)


def quantise(layers, calibration, bits=8):
    """
    Post-training quantisation with power-of-two scales, as the compiler does it: `bits`-bit weights, and activations
    rounded to `bits` bits after each ReLU. Returns a function from rows of whole numbers to classes.
    """
    limit = 2 ** (bits - 1) - 1
    steps, values, scale = [], calibration.astype(np.float64), 0
    for index, (weights, biases) in enumerate(layers):
        weight_scale = int(np.floor(np.log2(limit / np.abs(weights).max())))
        integer_weights = np.round(weights * 2.0**weight_scale)
        scale += weight_scale
        integer_biases = np.round(biases * 2.0**scale)
        values = values @ integer_weights.T + integer_biases
        shift = 0
        if index < len(layers) - 1:
            values = np.maximum(values, 0)
            shift = max(0, int(np.ceil(np.log2((values.max() + 1) / 2.0**bits))))
            values = np.floor(values / 2.0**shift)
            scale -= shift
        steps.append((integer_weights, integer_biases, shift))

    def run(rows):
        values = rows.astype(np.float64)
        for index, (weights, biases, shift) in enumerate(steps):
            values = values @ weights.T + biases
            if index < len(steps) - 1:
                values = np.floor(np.maximum(values, 0) / 2.0**shift)
        return values.argmax(axis=1)

    return run
