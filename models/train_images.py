"""
Trains the larger readers of handwritten digits: `digits-cnn` on 8x8 pixels of 0..16, and on the same images upscaled to
28x28 pixels of 0..255 `mlp-784-128-10` and `lenet5`. Run with Debian's python3, python3-sklearn, python3-torch and
python3-onnx (a few minutes):

    /usr/bin/python3 models/train_images.py
"""

import numpy as np
import torch
from onnx import helper
from torch import nn

from _export import CLASS, class_of, constant, save_calibration, save_json, save_model, save_samples
from generate_helpers import agreement, upscaled
from train_digits import SAMPLES_PER_CLASS, SEED, shifted, split

NOISE = 0.15  # standard deviation as a share of the pixel range, drawn anew every epoch
WEIGHT_DECAY = 0.02  # keeps the largest weight near the others, so that 8 bits resolve all of them
LEARNING_RATE = 0.003
BATCH = 256

NETWORKS = {
    "digits-cnn": {
        "model": "conv 3x3 of 8, ReLU, max pool, 72-10",
        "layers": lambda: [nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 10)],
        "shape": [1, 1, 8, 8],
        "greatest": 16,
        "prepare": lambda images: images,
        "epochs": 150,
        "calibrationRows": 200,
    },
    "mlp-784-128-10": {
        "model": "784-128-10 ReLU classifier",
        "layers": lambda: [nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)],
        "shape": [1, 784],
        "greatest": 255,
        "prepare": upscaled,
        "epochs": 60,
        "calibrationRows": 64,
    },
    "lenet5": {
        "model": "LeNet-5: conv 5x5 of 6, conv 5x5 of 16, each with ReLU and average pool, 256-120-84-10",
        "layers": lambda: [
            *[nn.Conv2d(1, 6, 5), nn.ReLU(), nn.AvgPool2d(2)],
            *[nn.Conv2d(6, 16, 5), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten()],
            *[nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)],
        ],
        "shape": [1, 1, 28, 28],
        "greatest": 255,
        "prepare": upscaled,
        "epochs": 30,
        "calibrationRows": 64,
    },
}


def train(images, labels, network):
    """Trains on pixels of 0..1; the division by the greatest pixel is folded into the first layer afterwards."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    model = nn.Sequential(*network["layers"]())
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, network["epochs"])
    inputs = torch.tensor(images / network["greatest"], dtype=torch.float32)
    targets = torch.tensor(labels)
    for _ in range(network["epochs"]):
        for batch in torch.randperm(len(targets)).split(BATCH):
            rows = inputs[batch].reshape(-1, *network["shape"][1:])
            noisy = rows + NOISE * torch.randn_like(rows)
            loss = nn.functional.cross_entropy(model(noisy), targets[batch], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    with torch.no_grad():
        model[0].weight /= network["greatest"]
    return model.eval()


def classify(model, images, network):
    rows = torch.tensor(images, dtype=torch.float32).reshape(-1, *network["shape"][1:])
    with torch.no_grad():
        return model(rows).argmax(1).numpy()


def nodes_of(model):
    """The layers as ONNX nodes, and their weights."""
    nodes, constants, value = [], [], "input"
    for index, layer in enumerate(model):
        output = "logits" if index == len(model) - 1 else f"layer{index}"
        operator, attributes = operator_of(layer)
        inputs = [value]
        for kind, tensor in layer.named_parameters():
            constants.append(constant(f"layer{index}.{kind}", tensor.detach().numpy()))
            inputs.append(f"layer{index}.{kind}")
        nodes.append(helper.make_node(operator, inputs, [output], name=f"layer{index}", **attributes))
        value = output
    return [*nodes, class_of("logits")], constants


def operator_of(layer):
    if isinstance(layer, nn.Linear):
        return "Gemm", {"transB": 1}
    if isinstance(layer, nn.Conv2d):
        return "Conv", {"kernel_shape": list(layer.kernel_size)}
    if isinstance(layer, (nn.MaxPool2d, nn.AvgPool2d)):
        window = [layer.kernel_size, layer.kernel_size]
        return layer.__class__.__name__.replace("2d", "").replace("Avg", "Average"), {"kernel_shape": window, "strides": window}
    return {nn.ReLU: "Relu", nn.Flatten: "Flatten"}[type(layer)], {}


def make(name, network):
    train_images, test_images, train_labels, test_labels = split()
    prepare = network["prepare"]
    copies, count = shifted(train_images)
    model = train(prepare(copies), np.tile(train_labels, count), network)
    train_rows, test_rows = prepare(train_images), prepare(test_images)
    report = {
        "model": network["model"],
        "trainRows": len(train_labels),
        "heldBackRows": len(test_labels),
        "trainAccuracy": agreement(classify(model, train_rows, network), train_labels),
        "accuracy": agreement(classify(model, test_rows, network), test_labels),
    }
    print(name, *(f"\n  {key}: {value}" for key, value in report.items()))
    chosen = np.concatenate([np.flatnonzero(test_labels == digit)[:SAMPLES_PER_CLASS] for digit in range(10)])
    nodes, constants = nodes_of(model)
    save_model(name, nodes, constants, network["shape"], CLASS)
    save_json(f"{name}.json", report)
    save_calibration(name, train_rows[: network["calibrationRows"]])
    save_samples(name, test_rows[chosen], test_labels[chosen])


if __name__ == "__main__":
    for name, network in NETWORKS.items():
        make(name, network)
