"""
Trains the tiny text model: the words of a conversation and the last tokens of the answer -> scores of the next token.
Its text is tiny-text.corpus.txt, written for it. Run with Debian's python3, python3-torch and python3-onnx:

    /usr/bin/python3 models/train_text.py
"""

import random
import re

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper

from _export import FOLDER, IR_VERSION, OPSET, constant, save_json

NAME = "tiny-text"
SEED = 7
WORDS = 512  # of the conversation that are read, on each side: the question, and all before it
HISTORY = 6  # tokens of the answer that are read
WORD_SIZE = 24
TOKEN_SIZE = 16
HIDDEN = 112
EPOCHS = 260
BATCH = 256
LEARNING_RATE = 0.004
DROPPED = 0.1  # share of the words of a question that a row does without
NOISE = 0.5  # share of rows with words of another block before the question
EPSILON = 1e-6
END = 0  # token that ends an answer, and fills a history that is not full yet
TOKEN = re.compile(r" ?[A-Za-z0-9/'-]+| ?[^A-Za-z0-9\s]")
WORD = re.compile(r"[a-z0-9]+")


def read_corpus():
    """Blocks of (questions, answer)."""
    blocks = []
    for block in (FOLDER / f"{NAME}.corpus.txt").read_text().split("\n\n"):
        lines = [line for line in block.strip().split("\n") if not line.startswith("#")]
        questions = [line[1:].strip() for line in lines if line.startswith("?")]
        answers = [line[1:].strip() for line in lines if line.startswith("!")]
        if questions:
            assert len(answers) == 1, block
            blocks.append((questions, answers[0]))
    return blocks


def words_of(text):
    return WORD.findall(text.lower())


def tokens_of(answer):
    return TOKEN.findall(" " + answer)


def rows_of(blocks, words, tokens):
    """(ids of the question's words, history, next token, block) for every token of every answer to every question."""
    word_ids = {word: index + 1 for index, word in enumerate(words)}
    token_ids = {token: index + 1 for index, token in enumerate(tokens)}
    rows = []
    for block, (questions, answer) in enumerate(blocks):
        ids = [token_ids[token] for token in tokens_of(answer)] + [END]
        for question in questions:
            asked = [word_ids[word] for word in words_of(question)]
            for at, target in enumerate(ids):
                history = ([END] * HISTORY + ids[:at])[-HISTORY:]
                rows.append((asked, history, target, block))
    return rows


class Network(torch.nn.Module):
    def __init__(self, words, tokens):
        super().__init__()
        self.words = torch.nn.Embedding(words + 1, WORD_SIZE, padding_idx=0)
        self.tokens = torch.nn.Embedding(tokens + 1, TOKEN_SIZE)
        self.hidden = torch.nn.Linear(2 * WORD_SIZE + HISTORY * TOKEN_SIZE, HIDDEN)
        self.scores = torch.nn.Linear(HIDDEN, tokens + 1)

    def forward(self, question, before, history):
        read = [direction(self.words(ids).sum(1)) for ids in (question, before)]
        recent = self.tokens(history).flatten(1)
        return self.scores(torch.relu(self.hidden(torch.cat([*read, recent], 1))))


def direction(vector):
    return vector / ((vector * vector).sum(1, keepdim=True).sqrt() + EPSILON)


def padded(lists):
    width = max(1, max(map(len, lists)))
    return torch.tensor([[0] * (width - len(ids)) + ids for ids in lists])


def train(rows, words, tokens):
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    source = random.Random(SEED)
    network = Network(words, tokens)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in range(EPOCHS):
        source.shuffle(rows)
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            questions = [[word for word in asked if len(asked) < 3 or source.random() > DROPPED] for asked, *_ in batch]
            before = [source.choice(rows)[0] if source.random() < NOISE else [] for _ in batch]
            history = torch.tensor([history for _, history, _, _ in batch])
            targets = torch.tensor([target for _, _, target, _ in batch])
            scores = network(padded(questions), padded(before), history)
            loss = torch.nn.functional.cross_entropy(scores, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    return network


def answer(network, asked, most=80):
    """The likeliest answer, as token ids."""
    ids = []
    while len(ids) < most:
        history = torch.tensor([([END] * HISTORY + ids)[-HISTORY:]])
        scores = network(padded([asked]), padded([[]]), history)
        token = int(scores.argmax())
        if token == END:
            break
        ids.append(token)
    return ids


def save_onnx(network):
    """Writes the network on int64 `question`, `before` and `history` to float32 `scores`."""
    weights = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    nodes = []

    def node(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def integers(name, values):
        return helper.make_tensor(name, TensorProto.INT64, [len(values)], values)

    def read(name):
        gathered = node("Gather", ["words", name], f"{name}.words", axis=0)
        total = node("ReduceSum", [gathered, "axis"], f"{name}.sum", keepdims=0)
        square = node("Mul", [total, total], f"{name}.square")
        length = node("Sqrt", [node("ReduceSum", [square, "axis"], f"{name}.norm", keepdims=1)], f"{name}.length")
        return node("Div", [total, node("Add", [length, "epsilon"], f"{name}.divisor")], f"{name}.direction")

    parts = [read("question"), read("before")]
    recent = node("Gather", ["tokens", "history"], "history.tokens", axis=0)
    parts.append(node("Reshape", [recent, "flat"], "history.flat"))
    joined = node("Concat", parts, "joined", axis=1)
    linear = node("Gemm", [joined, "hidden.weight", "hidden.bias"], "hidden", transB=1)
    node("Gemm", [node("Relu", [linear], "hidden.relu"), "scores.weight", "scores.bias"], "scores", transB=1)
    constants = [
        constant("words", weights["words.weight"]),
        constant("tokens", weights["tokens.weight"]),
        *(constant(name, weights[name]) for name in ("hidden.weight", "hidden.bias", "scores.weight", "scores.bias")),
        constant("epsilon", np.array([EPSILON])),
        integers("axis", [1]),
        integers("flat", [1, HISTORY * TOKEN_SIZE]),
    ]
    inputs = [("question", WORDS), ("before", WORDS), ("history", HISTORY)]
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, len(weights["scores.bias"])])
    ports = [helper.make_tensor_value_info(name, TensorProto.INT64, [1, size]) for name, size in inputs]
    graph = helper.make_graph(nodes, NAME, ports, [scores], constants)
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="assay")
    onnx.checker.check_model(model, full_check=True)
    (FOLDER / f"{NAME}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def main():
    blocks = read_corpus()
    words = sorted({word for questions, _ in blocks for question in questions for word in words_of(question)})
    tokens = sorted({token for _, text in blocks for token in tokens_of(text)})
    network = train(rows_of(blocks, words, tokens), len(words), len(tokens))
    word_ids = {word: index + 1 for index, word in enumerate(words)}
    right = total = 0
    for questions, text in blocks:
        for question in questions:
            ids = answer(network, [word_ids[word] for word in words_of(question)])
            said = "".join(tokens[id - 1] for id in ids).strip()
            right += said == text
            total += 1
            if said != text:
                print(f"{question!r}: {said!r}")
    report = {
        "model": f"{len(words)} words, {len(tokens)} tokens, {HIDDEN} ReLU",
        "parameters": sum(value.numel() for value in network.parameters()),
        "questions": total,
        "answersAsWritten": round(right / total, 4),
    }
    for key, value in report.items():
        print(f"{key}: {value}")
    save_onnx(network)
    save_json(f"{NAME}.json", report)
    chat = {
        "input": "canonical JSON of an effective chat request, with a random salt",
        "output": "canonical JSON of its choices",
        "wordsRead": WORDS,
        "tokensRead": HISTORY,
        "words": words,
        "tokens": tokens,
    }
    save_json(f"{NAME}.chat.json", chat)


if __name__ == "__main__":
    main()
