"""
Makes the two small helpers, one with a packed and one with a bound statement. Run with Debian's python3,
python3-sklearn, python3-torch and python3-onnx:

    /usr/bin/python3 models/generate_helpers.py
"""

import random

import numpy as np
import torch

from _export import classify, quantise, save_calibration, save_classifier, save_json, save_samples
from train_digits import SAMPLES_PER_CLASS, split

SEED = 7
HOLD, PAY = 0, 1


def cheque_layers():
    """
    The cheque rule as a network. Inputs, all 0..255: digit read on the cheque, digit claimed by the payee, balance of
    the account in the digit's unit, cheques bounced before, cheques presented today, cheques paid before, weeks since
    the account was opened, 1 if the payee is known. Weights are powers of two: 8 bits hold them exactly, and a step of
    one digit is worth 16, so that it survives dropping four bits after the ReLU.
    """
    hidden = np.array(
        [
            [16, -16, 0, 0, 0, 0, 0, 0],  # read above claimed
            [-16, 16, 0, 0, 0, 0, 0, 0],  # claimed above read
            [16, 0, -16, 0, 0, 0, 0, 0],  # not covered by the balance
            [0, 0, 0, 8, 4, -1, -1, -16],  # risk
        ]
    )
    output = np.array([[1, 1, 1, 1], [0, 0, 0, 0]])  # hold grows with every objection, pay stands still
    return [(hidden, np.zeros(4)), (output, np.array([0, 8]))]


def cheque_rule(row):
    """The same in words: pay what is read as claimed, covered, and below the risk limit. A tie holds."""
    read, claimed, balance, bounced, today, paid, weeks, known = row
    risk = 8 * bounced + 4 * today - paid - weeks - 16 * known
    return HOLD if read != claimed or read > balance or risk >= 8 else PAY


def cheque_row(source):
    """A plausible cheque."""
    read = source.randrange(10)
    claimed = read if source.random() < 0.85 else source.randrange(10)
    balance = source.randrange(256) if source.random() < 0.8 else source.randrange(10)
    return [
        read,
        claimed,
        balance,
        source.choice([0, 0, 0, 1, 2, 5, 20]),
        source.randrange(8),
        source.randrange(100),
        source.randrange(256) if source.random() < 0.7 else source.randrange(4),
        source.randrange(2),
    ]


def make_cheque():
    name = "argmax-8-4-2"
    source = random.Random(SEED)
    layers = cheque_layers()
    calibration = np.array([cheque_row(source) for _ in range(256)])
    rows = np.array([cheque_row(source) for _ in range(10_000)])
    anywhere = np.array([[source.randrange(256) for _ in range(8)] for _ in range(10_000)])
    labels = np.array([cheque_rule(row) for row in rows])
    chosen = np.concatenate([np.flatnonzero(labels == wanted)[:10] for wanted in (HOLD, PAY)])
    report = {
        "model": "8-4-2 ReLU classifier, weights by hand",
        "agreementWithRule": agreement(classify(layers, rows), labels),
        "agreementWithRuleAnyInput": agreement(classify(layers, anywhere), [cheque_rule(row) for row in anywhere]),
        "agreementQuantised8Bit": agreement(quantise(layers, calibration)(rows), labels),
        "payShare": round(float((labels == PAY).mean()), 4),
    }
    save(name, layers, report, calibration, rows[chosen], labels[chosen])


def upscaled(images):
    """8x8 images of 0..16 as 28x28 images of 0..255, bilinear."""
    places = np.clip((np.arange(28) + 0.5) * 8 / 28 - 0.5, 0, 7)
    low = np.minimum(places.astype(int), 6)
    weights = np.zeros((28, 8))
    weights[np.arange(28), low] = 1 - (places - low)
    weights[np.arange(28), low + 1] = places - low
    large = weights @ images.reshape(-1, 8, 8) @ weights.T
    return np.floor(large * 255 / 16 + 0.5).reshape(-1, 784)


def train_linear(images, labels):
    """Softmax regression, the division of pixels by 255 folded into the weights."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    inputs = torch.tensor(images / 255, dtype=torch.float32)
    targets = torch.tensor(labels)
    layer = torch.nn.Linear(784, 10)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.01)
    for _ in range(400):
        loss = torch.nn.functional.cross_entropy(layer(inputs), targets) + 1e-3 * layer.weight.square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    weights = layer.weight.detach().double().numpy() / 255
    return [(weights.astype(np.float32), layer.bias.detach().numpy())]


def make_linear():
    name = "linear-784-10"
    train_images, test_images, train_labels, test_labels = split()
    train_rows, test_rows = upscaled(train_images), upscaled(test_images)
    layers = train_linear(train_rows, train_labels)
    calibration = train_rows[:64]
    float_classes = classify(layers, test_rows)
    integer_classes = quantise(layers, calibration)(test_rows)
    report = {
        "model": "784-10 linear classifier of the digits, upscaled to 28x28",
        "trainRows": len(train_labels),
        "heldBackRows": len(test_labels),
        "accuracy": agreement(float_classes, test_labels),
        "accuracyQuantised8Bit": agreement(integer_classes, test_labels),
        "agreementQuantised8Bit": agreement(integer_classes, float_classes),
    }
    chosen = np.concatenate([np.flatnonzero(test_labels == digit)[:SAMPLES_PER_CLASS] for digit in range(10)])
    save(name, layers, report, calibration, test_rows[chosen], test_labels[chosen])


def agreement(left, right):
    return round(float((np.asarray(left) == np.asarray(right)).mean()), 4)


def save(name, layers, report, calibration, rows, labels):
    print(name)
    for key, value in report.items():
        print(f"  {key}: {value}")
    save_classifier(name, layers, inputs=layers[0][0].shape[1])
    save_json(f"{name}.json", report)
    save_calibration(name, calibration)
    save_samples(name, rows, labels)


if __name__ == "__main__":
    make_cheque()
    make_linear()
