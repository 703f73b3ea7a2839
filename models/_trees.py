"""Boosted trees of scikit-learn as one ai.onnx.ml TreeEnsembleClassifier."""

import numpy as np
from onnx import helper

from _export import ML

LEAF = -1  # what scikit-learn writes for the feature's children of a leaf


def tree_ensemble(model):
    """The node of a binary GradientBoostingClassifier, and how many (feature, threshold) pairs it has."""
    nodes = {key: [] for key in ("featureids", "values", "modes", "truenodeids", "falsenodeids", "treeids", "nodeids")}
    leaves = {key: [] for key in ("treeids", "nodeids", "ids", "weights")}
    for tree_id, (estimator,) in enumerate(model.estimators_):
        tree = estimator.tree_
        for node_id in range(tree.node_count):
            is_leaf = tree.children_left[node_id] == LEAF
            nodes["treeids"].append(tree_id)
            nodes["nodeids"].append(node_id)
            nodes["modes"].append("LEAF" if is_leaf else "BRANCH_LEQ")
            nodes["featureids"].append(0 if is_leaf else int(tree.feature[node_id]))
            nodes["values"].append(0.0 if is_leaf else float32_below(tree.threshold[node_id]))
            nodes["truenodeids"].append(0 if is_leaf else int(tree.children_left[node_id]))
            nodes["falsenodeids"].append(0 if is_leaf else int(tree.children_right[node_id]))
            if is_leaf:
                leaves["treeids"].append(tree_id)
                leaves["nodeids"].append(node_id)
                leaves["ids"].append(0)
                leaves["weights"].append(float(model.learning_rate * tree.value[node_id, 0, 0]))
    share = model.init_.class_prior_[1]
    node = helper.make_node(
        "TreeEnsembleClassifier",
        ["input"],
        ["label", "probabilities"],
        name="trees",
        domain=ML[0],
        classlabels_int64s=[0, 1],
        base_values=[float(np.log(share / (1 - share)))],
        post_transform="LOGISTIC",
        **{f"nodes_{key}": values for key, values in nodes.items()},
        **{f"class_{key}": values for key, values in leaves.items()},
    )
    branches = zip(nodes["modes"], nodes["featureids"], nodes["values"])
    return node, len({(feature, value) for mode, feature, value in branches if mode == "BRANCH_LEQ"})


def float32_below(threshold):
    """
    The greatest float32 not above a threshold. scikit-learn compares a float32 feature with a float64 threshold, ONNX
    with a float32 one: only this one leaves every comparison as it was.
    """
    rounded = np.float32(threshold)
    return float(rounded if rounded <= threshold else np.nextafter(rounded, np.float32(-np.inf)))
