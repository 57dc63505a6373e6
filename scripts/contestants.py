"""Who is timed by bench.py: the same training by TF1, by plain Keras, by tfport, by PyTorch and by JAX.

Each trains in a process of its own, so that their threads and their memory do not meet, and takes its turn when it is
told: a turn is a round of ``Task.steps`` optimizer steps on batches of the same size of the same data, from initial
values of the same distribution. The first turn, in which things are compiled, is kept apart.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import multiprocessing
import os
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfport import data as sources
from tfport import registry
from tfport.data import Digits, Problem

START = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Task:
    """What is to be done in a turn.

    Attributes:
        name: of the tutorial.
        steps: optimizer steps in a turn.
        batch: examples in a step; None for the tutorial's own.
        threads: cores to use; None for all.
        turns: how many there will be.
    """

    name: str
    steps: int
    batch: int | None = None
    threads: int | None = None
    turns: int = 6

    @property
    def twin(self) -> Any:
        return registry.find(self.name).twin_module()

    @property
    def legacy(self) -> Any:
        return registry.find(self.name).legacy_module()

    def config(self, **values: Any) -> Any:
        """The Keras program's configuration for all turns."""
        given = {"steps": self.steps * self.turns, "report_every": self.steps, **values}
        return self.twin.Config(**given, **({"batch_size": self.batch} if self.batch else {}))

    def data(self) -> Digits | Problem:
        if hasattr(self.twin, "load"):
            return self.twin.load(self.config())
        return sources.load("mnist" if os.environ.get("TFPORT_MNIST_DIR") else "synthetic")

    def rows(self, data: Any) -> Iterator[np.ndarray]:
        """Rows of every batch, shuffled anew for every pass; of a small problem always all."""
        number, batch = len(data.train), self.batch_of(data)
        random = np.random.default_rng(1)
        while True:
            order = random.permutation(number) if batch < number else np.arange(number)
            yield from (order[i : i + batch] for i in range(0, number - batch + 1, batch))

    def batch_of(self, data: Any) -> int:
        return len(data.train) if isinstance(data, Problem) else self.config().batch_size


class Turns:
    """A contestant's end of the line.

    Args:
        connection: to who gives the turns.
        number: of turns.
    """

    def __init__(self, connection: Any, number: int) -> None:
        self._connection, self._left = connection, number

    def begin(self) -> None:
        """Wait for the turn."""
        self._connection.recv()
        self._began = time.perf_counter()

    def end(self) -> None:
        """Tell the seconds. After the last turn wait until all have had theirs: what comes then would disturb them."""
        self._connection.send(time.perf_counter() - self._began)
        self._left -= 1
        if not self._left:
            self._connection.recv()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        self.begin()
        yield
        self.end()


class Contestant:
    """A process that waits for its turns.

    Args:
        title: of :data:`CONTESTANTS`.
        task: what to do.
    """

    def __init__(self, title: str, task: Task) -> None:
        self.title, self.task = title, task
        self.seconds: list[float] = []
        self._connection, theirs = START.Pipe()
        self._process = START.Process(target=_work, args=(title, task, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def take_turn(self) -> None:
        """Have one round done, while everybody else waits.

        Raises:
            RuntimeError: the process has failed; it has written why.
        """
        self._connection.send(None)
        self.seconds.append(self._answer())

    def accuracy(self) -> float:
        """Share of the test set (a small problem: its loss) after the last turn; ends the process."""
        self._connection.send(None)
        result = self._answer()
        self._process.join()
        return result

    def _answer(self) -> float:
        try:
            return self._connection.recv()
        except EOFError:
            raise RuntimeError(f"{self.title} has failed at {self.task.name}") from None


def _work(title: str, task: Task, connection: Any) -> None:
    warnings.filterwarnings("ignore")
    if task.threads and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: task.threads]))
    connection.send(CONTESTANTS[title](task, Turns(connection, task.turns)))


# --- TF1 ---


def tf1(task: Task, turns: Turns) -> float:
    """A session, ``next_batch`` and ``feed_dict``, as in the tutorials."""
    from tfport import startup

    startup.prepare(keras=False)
    from legacy_tf1 import input_data, tf

    given = task.data()
    module = task.legacy
    with tf.Graph().as_default(), tf.Session() as sess:
        net = module.build(module.Config())
        sess.run(tf.global_variables_initializer())
        if isinstance(given, Problem):
            feed = {net.x: given.train.inputs, net.t: given.train.targets}
            for _ in range(task.turns):
                with turns.turn():
                    for _ in range(task.steps):
                        sess.run(net.train_step, feed_dict=feed)
            return float(sess.run(net.loss, feed_dict=feed))
        one_hot = len(net.t.shape) == 2
        shape = [-1, *net.x.shape[1:]]
        labels = [np.eye(10)[split.labels] if one_hot else split.labels for split in (given.train, given.test)]
        images = np.rint(given.train.images * 255).astype(np.uint8)
        train = input_data.DataSet(images, labels[0], one_hot=one_hot, reshape=len(shape) == 2)
        keep = getattr(net, "keep_prob", None)
        batch = task.batch_of(given)
        for _ in range(task.turns):
            with turns.turn():
                for _ in range(task.steps):
                    x, t = train.next_batch(batch)
                    feed = {net.x: x, net.t: t} | ({} if keep is None else {keep: 0.5})
                    sess.run(net.train_step, feed_dict=feed)
        logits = []
        for x, t in zip(np.array_split(given.test.images, 4), np.array_split(labels[1], 4), strict=True):
            feed = {net.x: x.reshape(shape), net.t: t} | ({} if keep is None else {keep: 1.0})
            logits.append(sess.run(net.logits, feed_dict=feed))
        return given.test.accuracy(np.concatenate(logits)) or 0.0


# --- Keras ---


class _Turning:
    """A callback of either Keras: a turn is an epoch."""

    def __init__(self, turns: Turns) -> None:
        from tfport.callbacks import Callback

        class Epochs(Callback):
            """Takes turns."""

            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                turns.begin()

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                turns.end()

        self.callback = Epochs()


def _score(model: Any, given: Any) -> float:
    from tfport import training

    loss, accuracy = training.evaluate(model, given.test)
    return loss if isinstance(given, Problem) else accuracy or 0.0


def plain_keras(task: Task, turns: Turns) -> float:
    """``fit`` on arrays and Keras's own optimizer, as one would write it; small problems as a repeated dataset."""
    from tfport import startup

    startup.prepare()
    import tensorflow as tf

    from tfport import keras

    given, config = task.data(), task.config()
    model = task.twin.build(config)
    if "Adam" in type(model.optimizer).__name__:
        metrics = None if isinstance(given, Problem) else ["accuracy"]
        optimizer = keras.optimizers.Adam(config.learning_rate, epsilon=1e-8)
        model.compile(optimizer=optimizer, loss=model.loss, metrics=metrics)
    options: dict[str, Any] = {"epochs": task.turns, "callbacks": [_Turning(turns).callback], "verbose": 0}
    batch = task.batch_of(given)
    if isinstance(given, Problem):
        whole = tf.data.Dataset.from_tensors((given.train.inputs, given.train.targets)).repeat()
        model.fit(whole, steps_per_epoch=task.steps, **options)
    elif task.steps * batch <= len(given.train):
        seen = slice(0, task.steps * batch)
        model.fit(given.train.images[seen], given.train.labels[seen], batch_size=batch, **options)
    else:
        pairs = tf.data.Dataset.from_tensor_slices((given.train.images, given.train.labels))
        pairs = pairs.shuffle(len(given.train)).repeat().batch(batch).prefetch(tf.data.AUTOTUNE)
        model.fit(pairs, steps_per_epoch=task.steps, **options)
    return _score(model, given)


def unevaluated(data: Any) -> Any:
    """The same data with one test example: an evaluation belongs to no step."""
    fields = [field.name for field in dataclasses.fields(data.test) if field.name != "binary"]
    test = dataclasses.replace(data.test, **{name: getattr(data.test, name)[:1] for name in fields})
    return dataclasses.replace(data, test=test)


def tfport(task: Task, turns: Turns, **flags: Any) -> float:
    """``tfport.training.fit``, as the program calls it, without summaries."""
    from tfport import startup, training

    startup.prepare()
    given, config = task.data(), task.config(**flags)
    model = task.twin.build(config)
    training.fit(model, unevaluated(given), config, [_Turning(turns).callback])
    return _score(model, given)


def tfport_bfloat16(task: Task, turns: Turns) -> float:
    """The same with ``--precision bfloat16``."""
    return tfport(task, turns, precision="bfloat16")


# --- PyTorch ---


def pytorch(task: Task, turns: Turns) -> float:
    """Images in channels_last, fused Adam, batches gathered from one tensor."""
    import torch
    from torch import nn

    torch.manual_seed(1)
    torch.set_num_threads(task.threads or os.cpu_count() or 1)
    given, config = task.data(), task.config()

    def tn(weight: Any, stddev: float) -> None:
        nn.init.trunc_normal_(weight, 0.0, stddev, -2 * stddev, 2 * stddev)

    def started(layer: Any, weight: float, bias: float | None = None, *, spread: str = "truncated") -> Any:
        """A layer with the tutorial's initial values; a bias given as None starts like the weights."""
        start = (lambda value, scale: nn.init.normal_(value, 0.0, scale)) if spread == "normal" else tn
        start(layer.weight, weight) if weight else nn.init.zeros_(layer.weight)
        if layer.bias is not None:
            start(layer.bias, weight) if bias is None else nn.init.constant_(layer.bias, bias)
        return layer

    pool, relu, drop, flat = nn.MaxPool2d, nn.ReLU, nn.Dropout, nn.Flatten
    layers: dict[str, Callable[[], list[Any]]] = {
        "softmax": lambda: [flat(), started(nn.Linear(784, 10), 0, 0)],
        "dnn": lambda: [
            flat(),
            started(nn.Linear(784, 256), 1, spread="normal"), nn.Softmax(1),
            started(nn.Linear(256, 256), 1, spread="normal"), nn.Softmax(1),
            started(nn.Linear(256, 10), 1, spread="normal"),
        ],
        "summaries": lambda: [
            flat(), started(nn.Linear(784, 500), 0.1, 0.1), relu(), drop(config.dropout_rate),
            started(nn.Linear(500, 10), 0.1, 0.1),
        ],
        "small_cnn": lambda: [
            # "same" for 4x4 as TensorFlow has it: one before, two after
            nn.ZeroPad2d((1, 2, 1, 2)), started(nn.Conv2d(1, 4, 4), 0.1), relu(), pool(2),
            nn.ZeroPad2d((1, 2, 1, 2)), started(nn.Conv2d(4, 8, 4), 0.1), relu(), pool(2),
            flat(), started(nn.Linear(392, 10), 1),
        ],
        "single_cnn": lambda: [
            started(nn.Conv2d(1, 16, 5, padding=2, bias=False), 0.1), pool(2),
            flat(), started(nn.Linear(3136, 1024), 1, 0), relu(), started(nn.Linear(1024, 10), 0, 0),
        ],
        "cnn": lambda: [
            started(nn.Conv2d(1, 32, 5, padding=2), 0.1, 0.1), relu(), pool(2),
            started(nn.Conv2d(32, 64, 5, padding=2), 0.1, 0.1), relu(), pool(2),
            flat(), started(nn.Linear(3136, 1024), 1, 0.1), relu(), drop(config.dropout_rate),
            started(nn.Linear(1024, 10), 0, 0),
        ],
    }  # fmt: skip
    model = nn.Sequential(*layers[task.name]()).to(memory_format=torch.channels_last)
    total = task.name in ("cnn", "single_cnn")
    criterion = nn.CrossEntropyLoss(reduction="sum" if total else "mean")
    if task.name == "softmax":
        optimizer: Any = torch.optim.SGD(model.parameters(), config.learning_rate)
    else:
        optimizer = torch.optim.Adam(model.parameters(), config.learning_rate, eps=1e-8, fused=True)

    def image_tensor(images: np.ndarray) -> Any:
        return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)

    x, t = image_tensor(given.train.images), torch.from_numpy(given.train.labels.astype(np.int64))
    rows = map(torch.from_numpy, task.rows(given))
    for _ in range(task.turns):
        with turns.turn():
            for _, batch in zip(range(task.steps), rows, strict=False):
                optimizer.zero_grad(set_to_none=True)
                criterion(model(x[batch]), t[batch]).backward()
                optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = [model(part).numpy() for part in torch.split(image_tensor(given.test.images), 2500)]
    return given.test.accuracy(np.concatenate(logits)) or 0.0


# --- JAX ---


def jax(task: Task, turns: Turns) -> float:
    """A jitted step with donated buffers; Adam and the layers written out."""
    import jax as j
    import jax.numpy as np_

    given, config = task.data(), task.config()
    keys = iter(j.random.split(j.random.key(1), 32))

    def tn(stddev: float, *shape: int) -> Any:
        return stddev * j.random.truncated_normal(next(keys), -2, 2, shape)

    def dense(h: Any, layer: Any) -> Any:
        return h @ layer[0] + layer[1]

    def conv(h: Any, kernel: Any) -> Any:
        return j.lax.conv_general_dilated(h, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    def pool(h: Any) -> Any:
        return j.lax.reduce_window(h, -np_.inf, j.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def flat(h: Any) -> Any:
        return h.reshape(len(h), -1)

    def dropped(h: Any, key: Any, rate: float) -> Any:
        return h if key is None else np_.where(j.random.uniform(key, h.shape) >= rate, h / (1 - rate), 0)

    zeros, relu = np_.zeros, j.nn.relu
    if task.name == "softmax":
        params = [(zeros((784, 10)), zeros(10))]

        def model(p: Any, x: Any, key: Any) -> Any:
            return dense(flat(x), p[0])

    elif task.name == "summaries":
        params = [(tn(0.1, 784, 500), zeros(500) + 0.1), (tn(0.1, 500, 10), zeros(10) + 0.1)]

        def model(p: Any, x: Any, key: Any) -> Any:
            return dense(dropped(relu(dense(flat(x), p[0])), key, config.dropout_rate), p[1])

    else:
        params = [
            (tn(0.1, 5, 5, 1, 32), zeros(32) + 0.1), (tn(0.1, 5, 5, 32, 64), zeros(64) + 0.1),
            (tn(1.0, 3136, 1024), zeros(1024) + 0.1), (zeros((1024, 10)), zeros(10)),
        ]  # fmt: skip

        def model(p: Any, x: Any, key: Any) -> Any:
            for kernel, bias in p[:2]:
                x = pool(relu(conv(x, kernel) + bias))
            return dense(dropped(relu(dense(flat(x), p[2])), key, config.dropout_rate), p[3])

    total, rate = task.name == "cnn", config.learning_rate

    def loss(p: Any, x: Any, t: Any, key: Any) -> Any:
        each = -np_.take_along_axis(j.nn.log_softmax(model(p, x, key)), t[:, None], 1)
        return each.sum() if total else each.mean()

    def step(state: Any, x: Any, t: Any, rows: Any) -> Any:
        p, m, v, count = state
        gradient = j.grad(loss)(p, x[rows], t[rows], j.random.fold_in(j.random.key(2), count))
        if task.name == "softmax":
            return j.tree.map(lambda a, g: a - rate * g, p, gradient), m, v, count + 1
        m = j.tree.map(lambda a, g: 0.9 * a + 0.1 * g, m, gradient)
        v = j.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, v, gradient)
        alpha = rate * np_.sqrt(1 - 0.999 ** (count + 1.0)) / (1 - 0.9 ** (count + 1.0))
        p = j.tree.map(lambda a, b, c: a - alpha * b / (np_.sqrt(c) + 1e-8), p, m, v)
        return p, m, v, count + 1

    jitted = j.jit(step, donate_argnums=0)
    x, t = np_.asarray(given.train.images), np_.asarray(given.train.labels.astype(np.int32))
    state = params, j.tree.map(np_.zeros_like, params), j.tree.map(np_.zeros_like, params), 0
    rows = task.rows(given)
    for _ in range(task.turns):
        with turns.turn():
            for _, batch in zip(range(task.steps), rows, strict=False):
                state = jitted(state, x, t, batch)
            j.block_until_ready(state[0])
    logits = [np.asarray(model(state[0], part, None)) for part in np.array_split(given.test.images, 4)]
    return given.test.accuracy(np.concatenate(logits)) or 0.0


# --- the limit ---


def matmul(task: Task, turns: Turns) -> float:
    """Products of two matrices of 2048 x 2048, in float32: what the processor can do at most.

    Twenty of them a turn, whatever its steps; returns the operations of a turn, by its steps.
    """
    from tfport import startup

    startup.prepare(keras=False)
    import tensorflow as tf

    one, two = (tf.random.normal((2048, 2048), seed=seed) for seed in (1, 2))
    for _ in range(task.turns):
        with turns.turn():
            for _ in range(20):
                product = tf.linalg.matmul(one, two)
            product.numpy()
    return 2.0 * 2048**3 * 20 / task.steps


CONTESTANTS: dict[str, Callable[[Task, Turns], float]] = {
    "TF1": tf1,
    "Keras fit": plain_keras,
    "tfport": tfport,
    "tfport bfloat16": tfport_bfloat16,
    "PyTorch": pytorch,
    "JAX": jax,
    "matrix product": matmul,
}
TAKES = {
    "PyTorch": {"softmax", "dnn", "summaries", "small_cnn", "single_cnn", "cnn"},
    "JAX": {"softmax", "summaries", "cnn"},
}


def operations(name: str, batch: int) -> float:
    """Floating-point operations of the matrix products and convolutions in a step, forward and backward.

    Two for every multiplication and its addition; three products a layer, two in the first, whose input needs no
    gradient.
    """
    layers = {
        "softmax": [784 * 10],
        "dnn": [784 * 256, 256 * 256, 256 * 10],
        "summaries": [784 * 500, 500 * 10],
        "small_cnn": [28 * 28 * 16 * 4, 14 * 14 * 16 * 4 * 8, 392 * 10],
        "single_cnn": [28 * 28 * 25 * 16, 3136 * 1024, 1024 * 10],
        "cnn": [28 * 28 * 25 * 32, 14 * 14 * 25 * 32 * 64, 3136 * 1024, 1024 * 10],
    }.get(name, [math.nan])
    return 2.0 * batch * (2 * layers[0] + 3 * sum(layers[1:]))
