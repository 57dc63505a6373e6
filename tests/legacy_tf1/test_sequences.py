"""Recurrent cells, sequence to sequence, conditional random fields and text of the TF1 surface, against NumPy."""

import functools
import itertools
import json
import textwrap

import numpy as np
import pytest

from tests.conftest import ROOT

# What each script begins with: variables get weights that are the same in every process, sorted by name.
HEAD = """
import json
import numpy as np
import tensorflow as tf

random = np.random.RandomState(0)
found = {}
sess = tf.Session()

def fill(scope=None):
    variables = tf.global_variables(scope)
    sess.run(tf.variables_initializer(variables))
    values = {}
    for v in sorted(variables, key=lambda v: v.op.name):
        values[v.op.name] = random.normal(0, 0.5, v.shape.as_list())
        v.load(values[v.op.name], sess)
    return values

def told(value):
    if isinstance(value, dict):
        return {str(name): told(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [told(each) for each in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
"""


@pytest.fixture
def script(tmp_path, run_python, monkeypatch):
    """Run a script on the TF1 surface; returns what it put into ``found``, lists as arrays."""
    monkeypatch.chdir(tmp_path)

    def run(source):
        source = HEAD + textwrap.dedent(source) + "\nprint(json.dumps(told(found)))\n"
        (tmp_path / "script.py").write_text(source, encoding="utf-8")
        done = run_python("-m", "legacy_tf1", "script.py", PYTHONPATH=str(ROOT))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def lstm(kernel, bias, forget, inputs, c, h):
    i, j, f, o = np.split(np.hstack([inputs, h]) @ kernel + bias, 4, -1)
    c = c * sigmoid(f + forget) + sigmoid(i) * np.tanh(j)
    return c, np.tanh(c) * sigmoid(o)


def close(found, expected, rtol=2e-5, atol=2e-6):
    np.testing.assert_allclose(np.array(found, float), expected, rtol=rtol, atol=atol)


@pytest.mark.rows
def test_cells_of_contrib_compute_their_formulas(script):
    found = script(
        """
        rnn = tf.contrib.rnn
        x = random.normal(0, 1, (2, 5, 3)).astype("float32")
        lengths = np.array([5, 2])
        found.update(x=x)
        steps = tf.constant(x)
        with tf.variable_scope("block"):
            cell = rnn.LSTMBlockCell(4, 0.5)
            block, block_state = tf.nn.dynamic_rnn(cell, steps, lengths, dtype=tf.float32)
        with tf.variable_scope("fused"):
            fused, fused_state = rnn.LSTMBlockFusedCell(4, forget_bias=0.5)(
                tf.transpose(steps, [1, 0, 2]), dtype=tf.float32, sequence_length=tf.constant(lengths))
        with tf.variable_scope("attention"):
            cell = rnn.AttentionCellWrapper(rnn.GRUCell(4), 3, state_is_tuple=True)
            attention, attention_state = cell(steps[:, 0], cell.zero_state(2, tf.float32))
            again, _ = cell(steps[:, 1], attention_state)
        with tf.variable_scope("conv"):
            cell = rnn.ConvLSTMCell(2, [2, 2, 3], 4, [1, 1])
            pixels = tf.constant(random.normal(0, 1, (1, 2, 2, 3)).astype("float32"))
            conv, _ = cell(pixels, cell.zero_state(1, tf.float32))
        with tf.variable_scope("highway"):
            cell = rnn.HighwayWrapper(rnn.BasicRNNCell(3))
            highway, _ = cell(steps[:, 0], tf.zeros([2, 3]))
        with tf.variable_scope("norm"):
            cell = rnn.LayerNormBasicLSTMCell(4)
            norm, _ = cell(steps[:, 0], cell.zero_state(2, tf.float32))
        with tf.variable_scope("coupled"):
            cell = rnn.CoupledInputForgetGateLSTMCell(4)
            coupled, _ = cell(steps[:, 0], (tf.ones([2, 4]), tf.zeros([2, 4])))
        with tf.variable_scope("nas"):
            cell = rnn.NASCell(4)
            nas, _ = cell(steps[:, 0], (tf.ones([2, 4]), tf.ones([2, 4])))
        with tf.variable_scope("phased"):
            times = tf.constant([[0.3], [70.]], tf.float64)
            cell = rnn.PhasedLSTMCell(4, use_peepholes=True)
            phased, _ = cell((times, steps[:, 0]), (tf.ones([2, 4]), tf.ones([2, 4])))
            sess.run(tf.global_variables_initializer())
            found["rhythm"] = sess.run({v.op.name.split("/")[-1]: v for v in tf.global_variables("phased")})
        with tf.variable_scope("own"):
            own, _ = rnn.IndRNNCell(4)(steps[:, 0], tf.ones([2, 4]))
        with tf.variable_scope("gru"):
            gru, _ = tf.nn.dynamic_rnn(rnn.GRUBlockCell(4), steps, dtype=tf.float32)
        with tf.variable_scope("stack"):
            cells = lambda: [rnn.LSTMCell(4), rnn.LSTMCell(4)]
            stack, _, _ = rnn.stack_bidirectional_dynamic_rnn(cells(), cells(), steps, dtype=tf.float32)
        with tf.variable_scope("unrolled"):
            first = [cell.zero_state(2, tf.float32) for cell in cells()]
            unrolled, _, _ = rnn.stack_bidirectional_rnn(
                cells(), cells(), tf.unstack(steps, axis=1), first, first, tf.float32)
        with tf.variable_scope("joined"):  # a state of one tensor, as before 1.0
            stacked = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.LSTMCell(4, 3) for _ in range(2)])
            joined, joined_state = tf.nn.rnn(stacked, tf.unstack(steps, axis=1), tf.zeros([2, stacked.state_size]))
        weights = fill()
        for name in ("kernel", "bias"):
            fused_variable = [v for v in tf.global_variables() if v.op.name == "fused/lstm_fused_cell/" + name][0]
            fused_variable.load(weights["block/rnn/lstm_cell/" + name], sess)
        found.update(weights=weights, block=sess.run([block, block_state.c, block_state.h]),
                     fused=sess.run([fused, fused_state.c, fused_state.h]), attention=sess.run([attention, again]),
                     conv=sess.run([pixels, conv]), highway=sess.run(highway), norm=sess.run(norm), gru=sess.run(gru),
                     coupled=sess.run(coupled), own=sess.run(own), nas=sess.run(nas),
                     phased=sess.run(phased),
                     shapes=[t.shape.as_list() for t in (stack, unrolled[0], joined_state)],
                     gradient=sess.run(tf.gradients(fused, fused_variable)[0]).shape)
        """
    )
    x, weights = np.array(found["x"]), {name: np.array(each) for name, each in found["weights"].items()}
    state = np.zeros((2, 4)), np.zeros((2, 4))
    ends, outputs = [None, None], np.zeros((2, 5, 4))
    for time in range(5):
        state = lstm(
            weights["block/rnn/lstm_cell/kernel"], weights["block/rnn/lstm_cell/bias"], 0.5, x[:, time], *state
        )
        for row, length in enumerate((5, 2)):
            if time < length:
                outputs[row, time] = state[1][row]
                ends[row] = state[0][row], state[1][row]
    for kind in ("block", "fused"):
        output, c, h = found[kind]
        close(output if kind == "block" else np.swapaxes(output, 0, 1), outputs)
        close(c, [end[0] for end in ends])
        close(h, [end[1] for end in ends])

    # The cell that attends: two steps.
    def of(name):
        return weights["attention/attention_cell_wrapper/" + name]

    hidden, attended, kept = np.zeros((2, 4)), np.zeros((2, 4)), np.zeros((2, 3, 4))
    for time, output in enumerate(found["attention"]):
        inputs = np.hstack([x[:, time], attended]) @ of("kernel") + of("bias")
        gates = sigmoid(np.hstack([inputs, hidden]) @ of("gru_cell/gates/kernel") + of("gru_cell/gates/bias"))
        r, u = np.split(gates, 2, 1)
        new = np.tanh(np.hstack([inputs, r * hidden]) @ of("gru_cell/candidate/kernel") + of("gru_cell/candidate/bias"))
        hidden = u * hidden + (1 - u) * new
        query = hidden @ of("attention/kernel") + of("attention/bias")
        scores = (of("attention/attn_v") * np.tanh(kept @ of("attention/attn_w")[0, 0] + query[:, None])).sum(2)
        attended = (softmax(scores)[:, :, None] * kept).sum(1)
        projected = np.hstack([hidden, attended])
        expected = projected @ of("attn_output_projection/kernel") + of("attn_output_projection/bias")
        close(output, expected)
        kept = np.concatenate([kept[:, 1:], expected[:, None]], 1)

    pixels, conv = (np.array(each) for each in found["conv"])
    zeros = np.zeros((4, 4))
    kernel, bias = weights["conv/conv_lstm_cell/kernel"][0, 0], weights["conv/conv_lstm_cell/biases"]
    close(conv.reshape(4, 4), lstm(kernel, bias, 1.0, pixels.reshape(4, 3), zeros, zeros)[1])

    cell, first = "highway/highway_wrapper/", x[:, 0]
    plain = np.hstack([first, np.zeros((2, 3))]) @ weights[cell + "basic_rnn_cell/kernel"]
    plain = np.tanh(plain + weights[cell + "basic_rnn_cell/bias"])
    carry = sigmoid(first @ weights[cell + "carry_w"] + weights[cell + "carry_b"])
    close(found["highway"], first * carry + plain * (1 - carry))

    def norm(value, name):
        scaled = (value - value.mean(1, keepdims=True)) / value.std(1, keepdims=True)
        scope = f"norm/layer_norm_basic_lstm_cell/{name}/"
        return scaled * weights[scope + "gamma"] + weights[scope + "beta"]

    gates = np.split(np.hstack([first, zeros[:2]]) @ weights["norm/layer_norm_basic_lstm_cell/kernel"], 4, 1)
    i, j, _, o = (
        norm(each, name) for each, name in zip(gates, ("input", "transform", "forget", "output"), strict=True)
    )
    close(found["norm"], np.tanh(norm(sigmoid(i) * np.tanh(j), "state")) * sigmoid(o), rtol=1e-4)

    scope = "coupled/coupled_input_forget_gate_lstm_cell/"
    joined = np.hstack([first, np.zeros((2, 4))]) @ weights[scope + "kernel"] + weights[scope + "bias"]
    new, forget, out = np.split(joined, 3, 1)
    c = sigmoid(forget + 1) + (1 - sigmoid(forget + 1)) * np.tanh(new)
    close(found["coupled"], sigmoid(out) * np.tanh(c))
    one = np.split(first @ weights["nas/nas_cell/kernel"], 8, 1)
    two = np.split(np.ones((2, 4)) @ weights["nas/nas_cell/recurrent_kernel"], 8, 1)
    relu = functools.partial(np.maximum, 0)
    kinds = (sigmoid, relu, sigmoid, relu, np.tanh, sigmoid, np.tanh, sigmoid)
    sums = (i * s if place == 3 else i + s for place, (i, s) in enumerate(zip(one, two, strict=True)))
    eight = [kind(each) for kind, each in zip(kinds, sums, strict=True)]
    c = np.tanh(np.tanh(eight[0] * eight[1]) + 1) * np.tanh(eight[2] + eight[3])
    inner = np.tanh(np.tanh(eight[4] * eight[5]) + sigmoid(eight[6] + eight[7]))
    close(found["nas"], np.tanh(c * inner))

    def gate(name, *values):
        scope = f"phased/phased_lstm_cell/{name}/"
        return np.hstack([first, *values]) @ weights[scope + "kernel"] + weights[scope + "bias"]

    before = np.ones((2, 4))
    update, forget = np.split(sigmoid(gate("mask_gates", before, before)), 2, 1)
    new_c = forget + update * np.tanh(gate("new_input", before))
    new_h = np.tanh(new_c) * sigmoid(gate("output_gate", before, new_c))
    period, phase, on = (weights[f"phased/phased_lstm_cell/{name}"] for name in ("period", "phase", "ratio_on"))
    cycle = np.mod(np.array([[0.3], [70]]) - phase, period) / period
    openness = np.select([cycle < on / 2, cycle < on], [2 * cycle / on, 2 - 2 * cycle / on], 0.001 * cycle)
    close(found["phased"], openness * new_h + 1 - openness, rtol=1e-4)
    period, phase, on = (np.array(found["rhythm"][name]) for name in ("period", "phase", "ratio_on"))
    assert np.all((period >= 1) & (period <= 1000) & (phase >= 0) & (phase <= period) & (on == np.float32(0.1)))
    scope = "own/ind_rnn_cell/"
    own = first @ weights[scope + "kernel_w"] + weights[scope + "kernel_u"] + weights[scope + "bias"]
    close(found["own"], np.tanh(own))

    h = np.zeros((2, 4))
    for time, output in enumerate(np.swapaxes(found["gru"], 0, 1)):
        of = {name: weights[f"gru/rnn/gru_cell/{name}"] for name in ("w_ru", "b_ru", "w_c", "b_c")}
        r, u = np.split(sigmoid(np.hstack([x[:, time], h]) @ of["w_ru"] + of["b_ru"]), 2, 1)
        h = u * h + (1 - u) * np.tanh(np.hstack([x[:, time], r * h]) @ of["w_c"] + of["b_c"])
        close(output, h)
    assert found["shapes"] == [[2, 5, 8], [2, 8], [2, 16]] and found["gradient"] == [16]
    assert {f"stack/stack_bidirectional_rnn/cell_{layer}/bidirectional_rnn/{way}/lstm_cell/kernel"
            for layer in (0, 1) for way in ("fw", "bw")} <= set(weights)  # fmt: skip
    assert "unrolled/stack_bidirectional_rnn/cell_1/bw/lstm_cell/bias" in weights


def brute(scores, transitions, length):
    """All sequences of tags and their scores."""
    tags = scores.shape[1]
    for path in itertools.product(range(tags), repeat=length):
        steps = sum(transitions[one, two] for one, two in itertools.pairwise(path))
        yield path, sum(scores[time, tag] for time, tag in enumerate(path)) + steps


@pytest.mark.rows
def test_random_fields_losses_words_and_hyperparameters(script, tmp_path):
    found = script(
        """
        from tensorflow.contrib import crf, learn, legacy_seq2seq
        from tensorflow.contrib.training import HParams

        scores, tags = random.normal(0, 1, (3, 4, 3)).astype("float32"), random.randint(0, 3, (3, 4))
        lengths = np.array([4, 2, 1])
        likelihood, transitions = crf.crf_log_likelihood(scores, tags, lengths)
        decoded, best = crf.crf_decode(tf.placeholder_with_default(scores, [None, None, 3]), transitions, lengths)
        one, _ = crf.crf_decode(scores[:, :1], transitions, [1, 1, 1])
        weights = fill()
        found.update(scores=scores, tags=tags, lengths=lengths, transitions=weights["transitions"],
                     crf=sess.run([likelihood, crf.crf_log_norm(scores, lengths, transitions), decoded, best, one]),
                     slope=sess.run(tf.gradients(likelihood, transitions)[0]))
        found["viterbi"] = crf.viterbi_decode(scores[0], weights["transitions"])

        logits, targets = random.normal(0, 1, (2, 3, 5)).astype("float32"), random.randint(0, 5, (2, 3))
        places = np.array([[1, 1, 0], [1, 0.5, 0.5]], "float32")
        seen = []

        def by_name(labels, logits):
            seen.append([labels.shape.as_list(), logits.shape.as_list()])
            return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)

        def before_one(inputs, labels):
            return by_name(labels, inputs)

        loss = tf.contrib.seq2seq.sequence_loss
        lists = [tf.unstack(tf.constant(each), axis=1) for each in (logits, targets, places)]
        found.update(logits=logits, targets=targets, places=places, losses=sess.run([
            loss(logits, targets, places, softmax_loss_function=by_name),
            loss(logits, targets, places, average_across_batch=False),
            loss(logits, targets, places, average_across_timesteps=False),
            loss(logits, targets, places, False, False),
            loss(logits, targets, places, False, False, True, True),
            tf.nn.seq2seq.sequence_loss_by_example(*lists),
            legacy_seq2seq.sequence_loss(*lists, softmax_loss_function=before_one)]), seen=seen)

        words = learn.preprocessing.VocabularyProcessor(4, min_frequency=1)
        documents = ["the cat saw the dog", "the dog ran", "a cat"]
        rows = np.array(list(words.fit_transform(documents)))
        words.save("words")
        again = learn.preprocessing.VocabularyProcessor.restore("words")
        found.update(rows=rows, again=np.array(list(again.transform(["dog the unseen"]))), size=len(words.vocabulary_),
                     reversed=list(again.reverse(rows[:1])), mapping=words.vocabulary_._mapping)

        class Payload:
            def __reduce__(self):
                return os.mkdir, ("ran",)

        import os, pickle
        from collections import OrderedDict
        for protocol in (0, 2, 4):
            for name, value in (("payload", Payload()), ("nested", OrderedDict(a=[Payload()]))):
                with open(name, "wb") as file:
                    pickle.dump(value, file, protocol)
                try:
                    learn.preprocessing.VocabularyProcessor.restore(name)
                except Exception as error:
                    found.setdefault("payloads", []).append(f"{type(error).__name__} {error}")
        # A file as TensorFlow 1 wrote it on Python 2: its modules, and the old names of Python's own.
        home, own = b"tensorflow.contrib.learn.python.learn.preprocessing", b"legacy_tf1.compat.contrib.text"
        old = pickle.dumps(words, 0, fix_imports=True).replace(own + b"\\nCat", home + b".categorical_vocabulary\\nCat")
        with open("old", "wb") as file:
            file.write(old.replace(own, home + b".text"))
        old = learn.preprocessing.VocabularyProcessor.restore("old")
        found["old"] = [np.array(list(old.transform(["dog the unseen"]))), b"copy_reg" in open("old", "rb").read()]
        plain = learn.preprocessing.VocabularyProcessor(3)
        found["plain"] = np.array(list(plain.fit_transform(["Hello, World's end", "it's co-op"])))

        options = HParams(rate=0.1, layers=[1, 2], name="x", deep=False)
        options.parse("rate=1e-3,layers=[3,4,5],deep=true")
        options.set_hparam("name", "y")
        options.add_hparam("steps", 7)
        options.parse("layers[1]=9,steps=8")
        refused = 0
        for attempt in ("steps=1.5", "rate=fast", "unknown=1", "deep=maybe"):
            try:
                options.parse(attempt)
            except ValueError:
                refused += 1
        found.update(options=options.values(), json=options.to_json(sort_keys=True), refused=refused,
                     has="rate" in options)
        from tensorflow.models.rnn.ptb import reader

        for part, text in (("train", " a b b \\n c b a \\n"), ("valid", " b z \\n"), ("test", " c \\n")):
            open("ptb.%s.txt" % part, "w").write(text)
        train, valid, test, count = reader.ptb_raw_data(".")
        x, y = reader.ptb_producer(train, 2, 2)
        coordinator = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(sess, coordinator)
        found["ptb"] = [train, valid, test, count, list(reader.ptb_iterator(train, 2, 1)), sess.run([x, y])]
        coordinator.request_stop()
        labels = tf.SparseTensor([[0, 0], [0, 1]], [1, 0], [1, 2])
        spoken = random.normal(0, 1, (3, 1, 3)).astype("float32")
        found["ctc"] = [spoken] + sess.run([tf.nn.ctc_loss(tf.constant(spoken), labels, [3]),
                                            tf.nn.ctc_loss(labels, tf.constant(spoken), [3])])
        table = tf.contrib.layers.embed_sequence(tf.constant([[1, 0]]), 3, 2, scope="words")
        same = tf.contrib.layers.embed_sequence(tf.constant([[1, 0]]), scope="words", reuse=True)
        embedded = fill("words")["words/embeddings"]
        found["embedded"] = [embedded[[1, 0]]] + sess.run([table[0], same[0]])
        """
    )
    scores, tags, transitions = (np.array(found[name]) for name in ("scores", "tags", "transitions"))
    likelihood, norms, decoded, best, one = found["crf"]
    for row, length in enumerate(found["lengths"]):
        paths = dict(brute(scores[row], transitions, length))
        norm = np.log(np.sum(np.exp(list(paths.values()))))
        path = max(paths, key=paths.get)
        close(norms[row], norm)
        close(likelihood[row], paths[tuple(tags[row, :length])] - norm)
        assert decoded[row] == [*path, *[0] * (4 - length)]
        close(best[row], paths[path])
        assert one[row] == [scores[row, 0].argmax()]
    assert found["viterbi"][0] == decoded[0] and np.abs(found["slope"]).max() > 0.1
    close(found["viterbi"][1], best[0])

    logits, targets, places = (np.array(found[name]) for name in ("logits", "targets", "places"))
    losses = -np.log(np.take_along_axis(softmax(logits), targets[:, :, None], 2))[:, :, 0] * places
    by_example = losses.sum(1) / places.sum(1)
    for value, expected in zip(
        found["losses"],
        [losses.sum() / places.sum(), by_example, losses.sum(0) / places.sum(0), losses, losses.sum() / 5, by_example,
         by_example.mean()], strict=True,
    ):  # fmt: skip
        close(value, expected)
    assert found["seen"] == [[[6], [6, 5]], *[[[2], [2, 5]]] * 3]

    # Words seen once are out; those seen twice stand backwards by the alphabet, as TensorFlow's two sorts left them.
    mapping = found["mapping"]
    assert mapping["<UNK>"] == 0 and mapping["the"] == 1 and {mapping["cat"], mapping["dog"]} == {2, 3}
    assert found["rows"] == [[1, mapping["cat"], 0, 1], [1, mapping["dog"], 0, 0], [0, mapping["cat"], 0, 0]]
    assert found["again"] == [[mapping["dog"], 1, 0, 0]] and found["size"] == 4
    assert len(found["payloads"]) == 6 and not (tmp_path / "ran").exists()
    for said in found["payloads"]:
        assert said.startswith("UserError ") and "mkdir, which could run anything; fit the vocabulary anew" in said
    assert found["old"] == [found["again"], True]
    assert found["reversed"] == ["the cat <UNK> the"] and found["plain"] == [[1, 2, 3], [4, 5, 0]]
    assert found["options"] == {"rate": 1e-3, "layers": [3, 9, 5], "name": "y", "deep": True, "steps": 8}
    assert json.loads(found["json"]) == found["options"] and found["refused"] == 4 and found["has"]
    # "a b b <eos> c b a <eos>": b thrice, <eos> and a twice.
    train, valid, test, count, batches, produced = found["ptb"]
    assert train == [2, 0, 0, 1, 3, 0, 2, 1] and valid == [0, 1] and test == [3, 1] and count == 4
    assert batches == [[[[2], [3]], [[0], [0]]], [[[0], [0]], [[0], [2]]], [[[0], [2]], [[1], [1]]]]
    assert produced == [[[2, 0], [3, 0]], [[0, 0], [0, 2]]]
    spoken, *losses = (np.array(each) for each in found["ctc"])
    spoken = softmax(spoken)[:, 0]
    # Of three steps, the labels 1 and 0 with a blank (2), or one of them twice.
    paths = [(1, 0, 2), (1, 2, 0), (2, 1, 0), (1, 1, 0), (1, 0, 0)]
    total = sum(np.prod([spoken[time, symbol] for time, symbol in enumerate(path)]) for path in paths)
    close(losses, [[-np.log(total)]] * 2)
    for table in found["embedded"][1:]:
        close(table, found["embedded"][0])


@pytest.mark.rows
def test_legacy_models_decode_as_their_formulas_say(script):
    found = script(
        """
        import copy
        from tensorflow.contrib import legacy_seq2seq as s2s
        from tensorflow.nn import rnn_cell

        encoder = [tf.constant(random.randint(0, 4, 2)) for _ in range(3)]
        decoder = [tf.constant(random.randint(0, 5, 2)) for _ in range(3)]
        attention, _ = s2s.embedding_attention_seq2seq(encoder, decoder, rnn_cell.GRUCell(3), 4, 5, 2)
        feeds = tf.placeholder_with_default(True, [])
        with tf.variable_scope("fed"):
            fed, _ = s2s.embedding_rnn_seq2seq(encoder, decoder, rnn_cell.BasicLSTMCell(3), 4, 5, 2,
                                             feed_previous=feeds)
        with tf.variable_scope("tied"):
            tied, _ = s2s.embedding_tied_rnn_seq2seq(encoder, decoder, rnn_cell.GRUCell(3), 5, 2)
        model = lambda x, y: s2s.embedding_attention_seq2seq(x, y, rnn_cell.GRUCell(3), 4, 5, 2)
        with tf.variable_scope("buckets"):
            outputs, losses = s2s.model_with_buckets(
                encoder, decoder, decoder, [tf.ones([2])] * 3, [(2, 2), (3, 3)], model)
        count = len(tf.global_variables("buckets"))
        weights = fill()
        found.update(weights=weights, encoder=sess.run(encoder), decoder=sess.run(decoder),
                     attention=sess.run(attention), fed=sess.run(fed), given=sess.run(fed, {feeds: False}),
                     names=sorted(weights), count=count, lengths=[len(each) for each in outputs],
                     losses=sess.run(losses))
        """
    )
    weights = {name: np.array(each) for name, each in found["weights"].items()}

    def gru(scope, inputs, h):
        gates = (
            np.hstack([inputs, h]) @ weights[scope + "gru_cell/gates/kernel"] + weights[scope + "gru_cell/gates/bias"]
        )
        r, u = np.split(sigmoid(gates), 2, 1)
        new = np.hstack([inputs, r * h]) @ weights[scope + "gru_cell/candidate/kernel"]
        return u * h + (1 - u) * np.tanh(new + weights[scope + "gru_cell/candidate/bias"])

    top = "embedding_attention_seq2seq/"
    h, states = np.zeros((2, 3)), []
    for symbols in found["encoder"]:
        scope = top + "rnn/embedding_wrapper/"
        h = gru(scope, weights[scope + "embedding"][symbols], h)
        states.append(h)
    states, attended = np.stack(states, 1), np.zeros((2, 3))
    scope = top + "embedding_attention_decoder/attention_decoder/"
    for symbols, output in zip(found["decoder"], found["attention"], strict=True):
        inputs = weights[top + "embedding_attention_decoder/embedding"][symbols]
        inputs = np.hstack([inputs, attended]) @ weights[scope + "kernel"] + weights[scope + "bias"]
        h = gru(scope + "output_projection_wrapper/", inputs, h)
        projection = scope + "output_projection_wrapper/"
        logits = h @ weights[projection + "kernel"] + weights[projection + "bias"]
        query = h @ weights[scope + "Attention_0/kernel"] + weights[scope + "Attention_0/bias"]
        keys = states @ weights[scope + "AttnW_0"][0, 0]
        scores = (weights[scope + "AttnV_0"] * np.tanh(keys + query[:, None])).sum(2)
        attended = (softmax(scores)[:, :, None] * states).sum(1)
        joined = np.hstack([logits, attended]) @ weights[scope + "AttnOutputProjection/kernel"]
        close(output, joined + weights[scope + "AttnOutputProjection/bias"])

    def decode(feeds):
        c = h = np.zeros((2, 3))
        for symbols in found["encoder"]:
            scope = "fed/embedding_rnn_seq2seq/rnn/embedding_wrapper/"
            inner = scope + "basic_lstm_cell/"
            c, h = lstm(
                weights[inner + "kernel"], weights[inner + "bias"], 1, weights[scope + "embedding"][symbols], c, h
            )
        scope, outputs = "fed/embedding_rnn_seq2seq/embedding_rnn_decoder/", []
        projection = scope + "rnn_decoder/output_projection_wrapper/"
        for symbols in found["decoder"]:
            symbols = outputs[-1].argmax(1) if feeds and outputs else symbols
            inner = projection + "basic_lstm_cell/"
            c, h = lstm(
                weights[inner + "kernel"], weights[inner + "bias"], 1, weights[scope + "embedding"][symbols], c, h
            )
            outputs.append(h @ weights[projection + "kernel"] + weights[projection + "bias"])
        return outputs

    close(found["fed"], decode(True))
    close(found["given"], decode(False))
    tied = "tied/embedding_tied_rnn_seq2seq/"
    cell = "combined_tied_rnn_seq2seq/tied_rnn_seq2seq/output_projection_wrapper/gru_cell/gates/kernel"
    assert {tied + "embedding", tied + cell} <= set(weights)
    assert found["count"] == len([name for name in weights if name.startswith(top)]) and found["lengths"] == [2, 3]


@pytest.mark.rows
def test_decoders_and_attention(script):
    found = script(
        """
        from tensorflow.contrib import seq2seq
        from tensorflow.python.layers.core import Dense

        memory = tf.constant(random.normal(0, 1, (2, 4, 3)).astype("float32"))
        lengths = np.array([4, 2])
        table = tf.get_variable("table", [5, 3])
        targets = random.randint(1, 5, (2, 3))
        embedded = tf.nn.embedding_lookup(table, targets)
        first = tf.nn.rnn_cell.LSTMStateTuple(*(tf.constant(random.normal(0, 1, (2, 4)).astype("float32"))
                                                for _ in "ch"))
        mechanism = seq2seq.BahdanauAttention(4, memory, lengths, normalize=True)
        cell = seq2seq.AttentionWrapper(tf.nn.rnn_cell.LSTMCell(4), mechanism, 6, alignment_history=True)
        start = cell.zero_state(2, tf.float32).clone(cell_state=first)
        layer = Dense(5, use_bias=False, name="out")
        helper = seq2seq.TrainingHelper(embedded, [3, 2])
        outputs, state, ends = seq2seq.dynamic_decode(
            seq2seq.BasicDecoder(cell, helper, start, layer), impute_finished=True)
        greedy = seq2seq.GreedyEmbeddingHelper(table, tf.zeros([2], tf.int32), 9)
        with tf.variable_scope("", reuse=True):
            free, _ = seq2seq.dynamic_decode(
                seq2seq.BasicDecoder(cell, greedy, start, layer), maximum_iterations=3)
        with tf.variable_scope("luong"):
            mechanism = seq2seq.LuongAttention(4, memory, lengths, scale=True)
            query = tf.constant(random.normal(0, 1, (2, 4)).astype("float32"))
            luong, _ = mechanism(query, None)
            keys = mechanism.keys
        scheduled = {}
        for probability in (0.0, 1.0):
            helper = seq2seq.ScheduledEmbeddingTrainingHelper(embedded, [3, 3], table, probability, seed=1)
            with tf.variable_scope("", reuse=True):
                decoder = seq2seq.BasicDecoder(cell, helper, start, layer)
                scheduled[probability] = seq2seq.dynamic_decode(decoder)[0]
        with tf.variable_scope("old") as scope:  # as in 1.0
            cell = tf.nn.rnn_cell.GRUCell(4)
            keys_and_more = seq2seq.prepare_attention(memory, "bahdanau", 4)
            begin = tf.constant(random.normal(0, 1, (2, 4)).astype("float32"))
            fn = seq2seq.attention_decoder_fn_train(begin, *keys_and_more)
            trained, _, _ = seq2seq.dynamic_rnn_decoder(cell, fn, embedded, [3, 2], scope=scope)
            scope.reuse_variables()
            names = [v.op.name for v in tf.global_variables("old")]
            project = lambda outputs: tf.matmul(outputs, tf.ones([4, 3])) @ tf.transpose(table)
            fn = seq2seq.attention_decoder_fn_inference(project, begin, *keys_and_more, table, 0, 9, 2, 5)
            fed, _, _ = seq2seq.dynamic_rnn_decoder(cell, fn, scope=scope)
        weights = fill()
        history = state.alignment_history.stack()
        found.update(weights=weights, memory=sess.run(memory), first=sess.run(first), targets=targets,
                     outputs=sess.run([outputs.rnn_output, outputs.sample_id, ends, history]),
                     free=sess.run([free.rnn_output, free.sample_id]), luong=sess.run([query, keys, luong]),
                     scheduled=[sess.run([each.rnn_output, each.sample_id]) for each in scheduled.values()],
                     shape=outputs.rnn_output.shape.as_list(), state=sess.run(state.cell_state.h),
                     old=sess.run([begin, trained, fed]))
        """
    )
    weights = {name: np.array(each) for name, each in found["weights"].items()}
    wrapper = "decoder/attention_wrapper/"
    assert {name for name in weights if not name.startswith("old/")} == {
        "table", "memory_layer/kernel", wrapper + "lstm_cell/kernel", wrapper + "lstm_cell/bias",
        wrapper + "bahdanau_attention/query_layer/kernel", wrapper + "bahdanau_attention/attention_v",
        wrapper + "bahdanau_attention/attention_g", wrapper + "bahdanau_attention/attention_b",
        wrapper + "attention_layer/kernel", "decoder/out/kernel", "luong/memory_layer/kernel",
        "luong/luong_attention/attention_g",
    }  # fmt: skip
    memory = np.array(found["memory"])
    memory[1, 2:] = 0
    there = np.array([[1, 1, 1, 1], [1, 1, 0, 0]], bool)
    keys, bahdanau = memory @ weights["memory_layer/kernel"], wrapper + "bahdanau_attention/"

    def run(symbols):
        """Logits and alignments of each step; symbols of the first inputs, or of all."""
        (c, h), attention, logits, alignments = map(np.array, found["first"]), np.zeros((2, 6)), [], []
        for time in range(3):
            ids = symbols[:, time] if time < symbols.shape[1] else logits[-1].argmax(1)
            kernel, bias = weights[wrapper + "lstm_cell/kernel"], weights[wrapper + "lstm_cell/bias"]
            c, h = lstm(kernel, bias, 1, np.hstack([weights["table"][ids], attention]), c, h)
            v = weights[bahdanau + "attention_v"]
            v = weights[bahdanau + "attention_g"] * v / np.sqrt((v**2).sum())
            query = h @ weights[bahdanau + "query_layer/kernel"]
            scores = (v * np.tanh(keys + query[:, None] + weights[bahdanau + "attention_b"])).sum(2)
            alignments.append(softmax(np.where(there, scores, -np.inf)))
            context = (alignments[-1][:, :, None] * memory).sum(1)
            attention = np.hstack([h, context]) @ weights[wrapper + "attention_layer/kernel"]
            logits.append(attention @ weights["decoder/out/kernel"])
        return np.stack(logits, 1), np.stack(alignments), h

    targets = np.array(found["targets"])
    logits, alignments, h = run(targets)
    masked = logits * np.array([[1, 1, 1], [1, 1, 0]])[:, :, None]
    outputs, ids, ends, history = found["outputs"]
    close(outputs, masked)
    close(history, alignments)
    assert ends == [3, 2] and ids[0] == logits[0].argmax(1).tolist() and found["shape"] == [2, None, 5]
    close(found["state"][0], h[0])
    free, _, _ = run(np.zeros((2, 1), int))
    close(found["free"][0], free)
    assert found["free"][1] == free.argmax(2).tolist()
    query, compared, luong = (np.array(each) for each in found["luong"])
    scores = weights["luong/luong_attention/attention_g"] * (query[:, None] * compared).sum(2)
    close(luong, softmax(np.where(there, scores, -np.inf)))
    close(found["scheduled"][0][0], logits)
    assert np.unique(found["scheduled"][0][1]).tolist() == [-1]
    drawn = np.array(found["scheduled"][1][1])
    assert drawn.min() >= 0
    close(found["scheduled"][1][0], run(np.hstack([targets[:, :1], drawn[:, :2]]))[0])

    # Before 1.1: the attention of a step is its output, and stands beside the next input.
    raw, old = np.array(found["memory"]), {name[4:]: each for name, each in weights.items() if name.startswith("old/")}
    begin, trained, fed = (np.array(each) for each in found["old"])

    def run_old(symbols, steps):
        h, attention, outputs = begin, np.zeros((2, 4)), []
        for time in range(steps):
            if time < symbols.shape[1]:
                ids = symbols[:, time]
            else:
                ids = (outputs[-1] @ np.ones((4, 3)) @ weights["table"].T).argmax(1)
            inputs = np.hstack([weights["table"][ids], attention])
            gates = sigmoid(np.hstack([inputs, h]) @ old["gru_cell/gates/kernel"] + old["gru_cell/gates/bias"])
            r, u = np.split(gates, 2, 1)
            new = np.hstack([inputs, r * h]) @ old["gru_cell/candidate/kernel"] + old["gru_cell/candidate/bias"]
            h = u * h + (1 - u) * np.tanh(new)
            keys = raw @ old["attention_keys/weights"]
            query = h @ old["attention_score/attnW"]
            scores = (old["attention_score/attnV"] * np.tanh(keys + query[:, None])).sum(2)
            context = (softmax(scores)[:, :, None] * raw).sum(1)
            attention = np.hstack([h, context]) @ old["attention_construct/weights"]
            outputs.append(attention)
        return np.stack(outputs, 1)

    expected = run_old(targets, 3)
    expected[1, 2] = 0
    close(trained, expected)
    free = run_old(np.zeros((2, 1), int), fed.shape[1])
    close(fed, free @ np.ones((4, 3)) @ weights["table"].T)


@pytest.mark.rows
def test_beam_search_finds_the_likeliest_sequences(script):
    found = script(
        """
        from tensorflow.contrib import seq2seq

        # A cell whose next symbol depends on the one before alone, so that all sequences can be counted.
        class Chain(tf.nn.rnn_cell.RNNCell):
            state_size = output_size = 4
            def call(self, inputs, state):
                return tf.matmul(inputs, table), state + inputs

        table = tf.constant(random.normal(0, 2, (4, 4)).astype("float32"))
        one_hot = lambda ids: tf.one_hot(ids, 4)

        def search(width, **options):
            state = seq2seq.tile_batch(tf.zeros([2, 4]), width)
            decoder = seq2seq.BeamSearchDecoder(Chain(), one_hot, tf.constant([0, 1]), 3, state, width, **options)
            outputs, state, lengths = seq2seq.dynamic_decode(decoder, maximum_iterations=5)
            return outputs.predicted_ids, state.log_probs, lengths, state.cell_state

        # A decoder of one's own, which begins with False and an array.
        class Doubling(seq2seq.Decoder):
            batch_size, output_size, output_dtype, tracks_own_finished = 2, 2, tf.float32, True
            def initialize(self, name=None):
                return False, np.array([[1, 2], [3, 4]], np.float32), tf.ones([2, 2])
            def step(self, time, inputs, state, name=None):
                return inputs, state, 2 * inputs, time >= 2
            def finalize(self, outputs, state, lengths):
                return outputs, state

        greedy = seq2seq.BasicDecoder(
            Chain(), seq2seq.GreedyEmbeddingHelper(one_hot, tf.constant([0, 1]), 3), tf.zeros([2, 4]))
        found.update(table=sess.run(table), wide=sess.run(search(64)), one=sess.run(search(1)),
                     penalty=sess.run(search(64, length_penalty_weight=1.0)),
                     greedy=sess.run(seq2seq.dynamic_decode(greedy, maximum_iterations=5)[0].sample_id),
                     tiled=sess.run(seq2seq.tile_batch(tf.constant([[1, 2], [3, 4]]), 2)))
        doubled, _, steps = seq2seq.dynamic_decode(Doubling())
        found["doubled"] = sess.run([doubled, steps])
        """
    )
    log_probs = np.log(softmax(np.array(found["table"])))

    def sequences(start):
        """Every sequence that ends with 3, or is five long."""
        for length in range(1, 6):
            for path in itertools.product(range(4), repeat=length):
                if 3 not in path[:-1] and (path[-1] == 3 or length == 5):
                    yield path, sum(log_probs[one, two] for one, two in itertools.pairwise((start, *path)))

    # A beam of 64 holds every beginning of three symbols and, as it happens with this table, the best of all.
    for kind, power in (("wide", 0.0), ("penalty", 1.0)):
        ids, probabilities, lengths, _ = found[kind]
        for row, start in enumerate((0, 1)):
            score = lambda item: item[1] / ((5 + len(item[0])) / 6) ** power  # noqa: B023, E731
            ordered = sorted(sequences(start), key=score, reverse=True)
            steps = np.array(ids[row])
            for beam in range(5):
                path, probability = ordered[beam]
                assert tuple(steps[: len(path), beam]) == path and set(steps[len(path) :, beam]) <= {3}
                close(probabilities[row][beam], probability)
                assert lengths[row][beam] == len(path)
    ids, _, lengths, state = found["one"]
    for row, expected in enumerate(found["greedy"]):
        length = lengths[row][0]
        best = [step[0] for step in ids[row]][:length]
        assert best == expected[:length]
        # The cell summed up what it was given: the start, and all symbols but the last.
        assert np.array(state)[row, 0].sum() >= length
    assert found["tiled"] == [[1, 2], [1, 2], [3, 4], [3, 4]]
    assert found["doubled"] == [[[[1, 2], [2, 4], [4, 8]], [[3, 4], [6, 8], [12, 16]]], 3]
