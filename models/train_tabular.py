"""
Trains the models of tables: `tabular-mlp` and `gbt-100x4` tell benign from malignant tumours, `diabetes` predicts how a
disease goes on, `wine` whose wine it is. Run with Debian's python3, python3-sklearn, python3-torch and python3-onnx:

    /usr/bin/python3 models/train_tabular.py
"""

import warnings

import numpy as np
import onnx
from onnx import TensorProto, helper
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from _export import ML, classify, constant, save_calibration, save_classifier, save_json, save_model, save_samples, single
from _trees import tree_ensemble
from generate_helpers import agreement

SEED = 7
SAMPLES = 20
# a standardised feature as the network takes it: a multiple of 1/16 in [-8, 8), so that 8 bits hold it exactly
STEP, LIMIT = 1 / 16, 8


def split(data, stratify=True):
    """Two thirds to train on, one third held back; the features as float32, which is what the models take."""
    features = data.data.astype(np.float32)
    target = data.target
    return train_test_split(
        features, target, test_size=1 / 3, random_state=SEED, stratify=target if stratify else None
    )


def make_tabular_mlp():
    data = load_breast_cancer()
    train_rows, test_rows, train_labels, test_labels = split(data)
    scaler = StandardScaler().fit(train_rows)

    def prepare(rows):
        return np.clip(np.round(scaler.transform(rows) / STEP) * STEP, -LIMIT, LIMIT - STEP)

    model = MLPClassifier((16,), alpha=1.0, max_iter=400, random_state=SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(prepare(train_rows), train_labels)
    hidden, output = [(weights.T, biases) for weights, biases in zip(model.coefs_, model.intercepts_)]
    # scikit-learn has one output, positive for class 1; two that are compared say the same
    layers = [hidden, (np.concatenate([-output[0] / 2, output[0] / 2]), np.array([-1, 1]) * output[1] / 2)]
    layers = [(weights.astype(np.float32), biases.astype(np.float32)) for weights, biases in layers]
    save_classifier("tabular-mlp", layers, inputs=30)
    report = {
        "model": "30-16-2 ReLU classifier: 0 malignant, 1 benign",
        "accuracy": agreement(classify(layers, prepare(test_rows)), test_labels),
        "preparation": "round((feature - mean) / deviation * 16) / 16, limited to [-8, 7.9375]",
        "features": [
            {"name": name, "mean": round(mean, 6), "deviation": round(deviation, 6)}
            for name, mean, deviation in zip(data.feature_names, scaler.mean_.tolist(), scaler.scale_.tolist())
        ],
    }
    save("tabular-mlp", report, prepare(train_rows), prepare(test_rows), test_labels)
    save_json("tabular-mlp.input.json", {"input_data": [single(prepare(test_rows)[0])]})


def make_trees():
    data = load_breast_cancer()
    train_rows, test_rows, train_labels, test_labels = split(data)
    model = GradientBoostingClassifier(n_estimators=100, max_depth=4, subsample=0.7, random_state=SEED)
    model.fit(train_rows, train_labels)
    node, thresholds = tree_ensemble(model)
    label = helper.make_tensor_value_info("label", TensorProto.INT64, [1])
    save_model("gbt-100x4", [node], [], [1, 30], label, [ML])
    report = {
        "model": "100 boosted trees of depth 4: 0 malignant, 1 benign",
        "accuracy": agreement(model.predict(test_rows), test_labels),
        "uniqueThresholds": thresholds,
        "features": data.feature_names.tolist(),
    }
    save("gbt-100x4", report, train_rows, test_rows, test_labels)


def make_diabetes():
    data = load_diabetes(scaled=False)
    train_rows, test_rows, train_targets, test_targets = split(data, stratify=False)
    scaler = StandardScaler().fit(train_rows)
    model = Ridge(alpha=1.0).fit(scaler.transform(train_rows), train_targets)
    attributes = {"offset": scaler.mean_.tolist(), "scale": (1 / scaler.scale_).tolist()}
    coefficients = {"coefficients": model.coef_.tolist(), "intercepts": [float(model.intercept_)], "targets": 1}
    nodes = [
        helper.make_node("Scaler", ["input"], ["standardised"], name="scaler", domain=ML[0], **attributes),
        helper.make_node(
            "LinearRegressor", ["standardised"], ["progression"], name="regressor", domain=ML[0], **coefficients
        ),
    ]
    progression = helper.make_tensor_value_info("progression", TensorProto.FLOAT, [1, 1])
    save_model("diabetes", nodes, [], [1, 10], progression, [ML])
    predicted = model.predict(scaler.transform(test_rows))
    report = {
        "model": "ridge regression on 10 raw features: progression after a year, 25..346",
        "r2": round(float(r2_score(test_targets, predicted)), 4),
        "meanAbsError": round(float(np.abs(predicted - test_targets).mean()), 2),
        "features": data.feature_names,
    }
    save("diabetes", report, train_rows, test_rows, test_targets)


def make_wine():
    data = load_wine()
    train_rows, test_rows, train_labels, test_labels = split(data)
    scaler = StandardScaler().fit(train_rows)
    model = LogisticRegression(max_iter=1000).fit(scaler.transform(train_rows), train_labels)
    constants = [
        constant("mean", scaler.mean_),
        constant("deviation", scaler.scale_),
        constant("weight", model.coef_),
        constant("bias", model.intercept_),
    ]
    nodes = [
        helper.make_node("Sub", ["input", "mean"], ["centred"], name="centre"),
        helper.make_node("Div", ["centred", "deviation"], ["standardised"], name="standardise"),
        helper.make_node("Gemm", ["standardised", "weight", "bias"], ["logits"], name="logits", transB=1),
        helper.make_node("Softmax", ["logits"], ["probabilities"], name="probabilities", axis=1),
    ]
    probabilities = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, 3])
    save_model("wine", nodes, constants, [1, 13], probabilities)
    report = {
        "model": "softmax regression on 13 raw features: which of three growers",
        "accuracy": agreement(model.predict(scaler.transform(test_rows)), test_labels),
        "features": data.feature_names,
    }
    save("wine", report, train_rows, test_rows, test_labels)


def save(name, report, train_rows, test_rows, test_targets):
    report = {**report, "trainRows": len(train_rows), "heldBackRows": len(test_rows)}
    print(name, *(f"\n  {key}: {value}" for key, value in report.items() if key != "features"))
    save_json(f"{name}.json", report)
    save_calibration(name, train_rows, single)
    save_samples(name, test_rows[:SAMPLES], test_targets[:SAMPLES], single)


if __name__ == "__main__":
    make_tabular_mlp()
    make_trees()
    make_diabetes()
    make_wine()
