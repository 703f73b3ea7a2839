"""
Trains the digits classifier: 64 pixels of 0..16 -> 32 ReLU -> 10 classes, on two thirds of the handwritten digits
that ship inside scikit-learn. Run with Debian's python3, python3-sklearn, python3-torch and python3-onnx:

    /usr/bin/python3 models/train_digits.py
"""

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from _export import classify, quantise, save_calibration, save_classifier, save_json, save_samples

NAME = "digits"
SEED = 7
HIDDEN = 32
# the four below were chosen by 3-fold cross-validation inside the training part; the held-back third had no say
EPOCHS = 1200
LEARNING_RATE = 0.01
SHIFT = 0.3  # pixels that each image is moved by in the four directions; a whole pixel is too much at 8x8
NOISE = 0.25  # standard deviation as a share of the pixel range, drawn anew every epoch
WEIGHT_DECAY = 0.02  # keeps the largest weight near the others, so that 8 bits resolve all of them
CALIBRATION_ROWS = 300
SAMPLES_PER_CLASS = 2


def split():
    """Two thirds to train on, one third held back, every class in the same proportion."""
    digits = load_digits()
    return train_test_split(digits.data, digits.target, test_size=1 / 3, random_state=SEED, stratify=digits.target)


def shifted(images):
    """The images, and each moved by SHIFT pixels in the four directions, the border filled with background."""
    square = images.reshape(-1, 8, 8)
    padded = np.pad(square, ((0, 0), (1, 1), (1, 1)))
    moves = [padded[:, dy : dy + 8, dx : dx + 8] for dy, dx in ((0, 1), (2, 1), (1, 0), (1, 2))]
    copies = [square] + [(1 - SHIFT) * square + SHIFT * moved for moved in moves]
    return np.concatenate(copies).reshape(-1, 64), len(copies)


def train(images, labels):
    """Returns the layers, with the division of pixels by 16 folded into the first."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    rows, copies = shifted(images)
    inputs = torch.tensor(rows / 16, dtype=torch.float32)
    targets = torch.tensor(np.tile(labels, copies))
    network = torch.nn.Sequential(torch.nn.Linear(64, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, 10))
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in range(EPOCHS):
        order = torch.randperm(len(targets))
        for batch in order.split(1024):
            noisy = inputs[batch] + NOISE * torch.randn_like(inputs[batch])
            loss = torch.nn.functional.cross_entropy(network(noisy), targets[batch], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    first, _, second = network
    layers = [(layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy()) for layer in (first, second)]
    layers[0] = (layers[0][0] / 16, layers[0][1])
    return [(weights.astype(np.float32), biases.astype(np.float32)) for weights, biases in layers]


def main():
    train_images, test_images, train_labels, test_labels = split()
    layers = train(train_images, train_labels)
    calibration = train_images[:CALIBRATION_ROWS]
    float_classes = classify(layers, test_images)
    integer_classes = quantise(layers, calibration)(test_images)
    report = {
        "model": f"64-{HIDDEN}-10 ReLU classifier",
        "trainRows": len(train_labels),
        "heldBackRows": len(test_labels),
        "trainAccuracy": round(float((classify(layers, train_images) == train_labels).mean()), 4),
        "accuracy": round(float((float_classes == test_labels).mean()), 4),
        "accuracyQuantised8Bit": round(float((integer_classes == test_labels).mean()), 4),
        "agreementQuantised8Bit": round(float((integer_classes == float_classes).mean()), 4),
    }
    for key, value in report.items():
        print(f"{key}: {value}")
    chosen = np.concatenate([np.flatnonzero(test_labels == digit)[:SAMPLES_PER_CLASS] for digit in range(10)])
    chosen.sort()
    save_classifier(NAME, layers, inputs=64)
    save_json(f"{NAME}.json", report)
    save_calibration(NAME, calibration)
    save_samples(NAME, test_images[chosen], test_labels[chosen])


if __name__ == "__main__":
    main()
