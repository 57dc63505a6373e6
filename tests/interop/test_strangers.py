"""Files of strangers: every payload here is real, and none of them runs or is read when tfport is given it."""

import json
import os
import shutil
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageDraw

from tfport import cli, flags, interop, keras
from tfport.errors import UserError, printable
from tfport.interop import pictures
from tfport.versions import keras_generation

v1 = tf.compat.v1
WEIGHTS = "final.weights.h5"
posix = pytest.mark.skipif(os.name != "posix", reason="no pipes, no devices, and links need privileges on Windows")


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory):
    from tfport import softmax

    words = ["--data", "fake", "--steps", "2", "--log-dir", str(tmp_path_factory.mktemp("runs"))]
    return softmax.main(words).folder


@pytest.fixture
def run_folder(whole_run, tmp_path):
    """A run that would be read, but for what a test puts into it."""
    return Path(shutil.copytree(whole_run, tmp_path / "run"))


@pytest.fixture
def marker(tmp_path):
    """The file that a payload writes when it runs."""
    return tmp_path / "payload-ran"


@pytest.fixture
def picture(tmp_path):
    drawn = Image.new("L", (60, 60))
    ImageDraw.Draw(drawn).ellipse((20, 10, 40, 50), outline=255, width=5)
    drawn.save(tmp_path / "zero.png")
    return tmp_path / "zero.png"


@pytest.fixture
def refused(capsys, marker):
    """Runs the command and gives its sentence: one line, exit code 2, no payload."""

    def run(*words, main=cli.main):
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            flags.run(lambda: main([str(word) for word in words]))
        said = capsys.readouterr()
        assert stop.value.code == 2 and (said.out == "" or main is not cli.main)
        assert said.err.startswith("error: ") and len(said.err.splitlines()) == 1 and len(said.err) < 1500
        assert said.err[:-1].isprintable() and not marker.exists()
        return said.err

    return run


# --- what would run code in Keras's own loaders ---


def with_lambda(path, marker):
    """A model whose Lambda layer writes the marker when it is called, in the format that the path's ending says."""

    where = str(marker)

    inputs = keras.Input((3,))
    evil = keras.layers.Lambda(lambda x: (open(where, "w").close(), x)[1], output_shape=(3,))
    model = keras.Model(inputs, evil(inputs))
    model.save(str(path))
    marker.unlink(missing_ok=True)


@pytest.mark.rows
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_a_lambda_in_a_model_file_is_never_revived(ending, tmp_path, marker, run_folder, picture, refused):
    evil = tmp_path / f"evil{ending}"
    with_lambda(evil, marker)
    assert "holds no config.json of a run" in refused("predict", evil, picture)
    shutil.copy(evil, run_folder / WEIGHTS)
    assert WEIGHTS in refused("predict", run_folder, picture)
    assert WEIGHTS in refused("export", run_folder, "--into", tmp_path / "x")
    with pytest.raises(UserError, match="cannot be read as a TF1 checkpoint"):
        interop.from_tf1_checkpoint(evil, keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)]))
    assert not marker.exists()
    unsafe = {} if ending == ".h5" and keras_generation() == 2 else {"safe_mode": False}
    keras.models.load_model(str(evil), compile=False, **unsafe)(np.zeros((1, 3), np.float32))
    assert marker.exists(), "the payload is real: Keras itself runs it"


def test_a_module_named_in_a_file_is_never_imported(tmp_path, marker, run_folder, picture, refused, monkeypatch):
    (tmp_path / "payload_module.py").write_text(f"open({str(marker)!r}, 'w').close()\nclass Layer: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    named = {"module": "payload_module", "class_name": "Layer", "config": {}, "registered_name": "payload>Layer"}
    with zipfile.ZipFile(tmp_path / "evil.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(named))
        archive.writestr("metadata.json", "{}")
        archive.writestr("model.weights.h5", (run_folder / WEIGHTS).read_bytes())
    refused("predict", tmp_path / "evil.keras", picture)
    # Unpacked it looks much like a run folder.
    for config in (named, {**named, "program": "payload_module"}, {**named, "program": "softmax:payload_module"}):
        (run_folder / "config.json").write_text(json.dumps(config))
        refused("predict", run_folder, picture)
    kept = {"program": "softmax", "config": {"module": "payload_module", "class_name": "Layer"}}
    (run_folder / "config.json").write_text(json.dumps(kept))
    assert cli.main(["predict", str(run_folder), str(picture)]) == 0  # those are no flags of ours, and do nothing
    assert not marker.exists() and "payload_module" not in sys.modules
    __import__("payload_module")
    assert marker.exists(), "the payload is real: importing it is enough"
    del sys.modules["payload_module"]


class Payload:
    """Unpickled, it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


def test_a_pickle_in_an_array_file_is_never_loaded(tmp_path, marker, run_folder, picture, refused):
    evil = tmp_path / "evil.npz"
    np.savez(evil, weights=np.array([Payload(str(marker))], dtype=object))
    assert "holds no config.json of a run" in refused("predict", evil, picture)
    shutil.copy(evil, run_folder / WEIGHTS)
    assert "cannot be read as HDF5" in refused("predict", run_folder, picture)
    shutil.copy(evil, tmp_path / "evil.png")
    assert "is no picture" in refused("predict", run_folder, tmp_path / "evil.png")
    with pytest.raises(UserError, match="cannot be read as a TF1 checkpoint"):
        interop.from_tf1_checkpoint(evil, keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)]))
    assert not marker.exists()
    np.load(evil, allow_pickle=True)["weights"]
    assert marker.exists(), "the payload is real: NumPy runs it where pickles are allowed"


def test_an_archive_is_never_unpacked(tmp_path, run_folder, picture, refused):
    with zipfile.ZipFile(tmp_path / "evil.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../climbed-out", "ran")
        archive.writestr("config.json", " " * 20_000_000)
    assert (tmp_path / "evil.keras").stat().st_size < 10**5, "a bomb"
    refused("predict", tmp_path / "evil.keras", picture)
    shutil.copy(tmp_path / "evil.keras", run_folder / WEIGHTS)
    assert "cannot be read as HDF5" in refused("predict", run_folder, picture)
    assert not list(tmp_path.parent.rglob("climbed-out"))


# --- weights ---


def kernel(file):
    """The path of the matrix of weights in a file of weights."""
    found = []
    file.visititems(lambda name, each: found.append(name) if getattr(each, "shape", ()) == (784, 10) else None)
    return next(name for name in found if "optimizer" not in name)


def external_link(file, name, secret):
    with h5py.File(secret.with_suffix(".h5"), "w") as other:
        other["secret"] = np.ones((784, 10), np.float32)
    file[name] = h5py.ExternalLink(str(secret.with_suffix(".h5")), "secret")
    assert file[name][0, 0] == 1, "HDF5 follows it"


def soft_loop(file, name, _):
    file[name] = h5py.SoftLink(f"/{name}")


def hard_loop(file, name, _):
    file[name] = file["/"]


def elsewhere(file, name, secret):
    secret.write_bytes(np.full((784, 10), 7, np.float32).tobytes())
    made = file.create_dataset(name, (784, 10), np.float32, external=[(str(secret), 0, 31360)])
    assert made[0, 0] == 7, "HDF5 reads any file so"


def virtual(file, name, secret):
    with h5py.File(secret.with_suffix(".h5"), "w") as other:
        other["secret"] = np.ones((784, 10), np.float32)
    layout = h5py.VirtualLayout((784, 10), np.float32)
    layout[:] = h5py.VirtualSource(str(secret.with_suffix(".h5")), "secret", (784, 10))
    assert file.create_virtual_dataset(name, layout)[0, 0] == 1


def petabyte_in_chunks(file, name, _):
    file.create_dataset(name, (10**6, 2**28), np.float32, chunks=(1, 2**20))


def petabyte_in_one_piece(file, name, _):
    file.create_dataset(name, (10**6, 2**28), np.float32)


def petabyte_beside_the_weights(file, name, _):
    file[name] = np.zeros((784, 10), np.float32)
    file.create_dataset("optimizer/vars/99", (10**6, 2**28), np.float32)


def packed_bomb(file, name, _):
    file.create_dataset(name, (20_000, 10_000), np.float32, chunks=(20_000, 10_000), compression="gzip")


def objects(file, name, _):
    file.create_dataset(name, (784, 10), h5py.ref_dtype)


def words(file, name, _):
    file.create_dataset(name, (784, 10), h5py.string_dtype())


def a_type(file, name, _):
    file[name] = np.dtype("f4")


@pytest.mark.rows
@pytest.mark.parametrize(("put", "sentence"), [
    (external_link, "is a link, which may lead to another file"),
    (soft_loop, "is a link"),
    (hard_loop, "stands in two places"),
    (elsewhere, "are not in one piece in the file itself"),
    (virtual, "are not in one piece in the file itself"),
    (petabyte_in_chunks, "are not in one piece"),
    (petabyte_in_one_piece, "it declares 1,073,741,8"),
    (petabyte_beside_the_weights, "it declares 1,073,741,8"),
    (packed_bomb, "are not in one piece"),
    (objects, "holds no numbers"),
    (words, "holds no numbers"),
    (a_type, "is no array"),
], ids=lambda each: getattr(each, "__name__", ""))  # fmt: skip
def test_weights_that_point_out_of_their_file_or_declare_what_they_have_not(
    put, sentence, run_folder, picture, tmp_path, refused
):
    with h5py.File(run_folder / WEIGHTS, "a") as file:
        name = kernel(file)
        del file[name]
        put(file, name, tmp_path / "secret")
    said = refused("predict", run_folder, picture)
    assert "is refused: " in said and sentence in said and WEIGHTS in said


def test_weights_of_another_shape_or_that_are_no_numbers(run_folder, picture, refused):
    with h5py.File(run_folder / WEIGHTS, "a") as file:
        values = file[name := kernel(file)][()]
        file[name][...] = np.nan
    assert "holds weights that are no numbers (NaN)" in refused("predict", run_folder, picture)
    with h5py.File(run_folder / WEIGHTS, "a") as file:
        del file[name]
        file[name] = values[:5]
    assert "cannot be loaded into the model of softmax" in refused("predict", run_folder, picture)


@posix
def test_weights_that_are_a_pipe_a_device_or_a_loop(run_folder, picture, refused):
    path = run_folder / WEIGHTS
    for make in (lambda: os.mkfifo(path), lambda: path.symlink_to("/dev/zero"), lambda: path.symlink_to(path)):
        path.unlink()
        make()
        assert f"has no {WEIGHTS}" in refused("predict", run_folder, picture)


# --- a run's configuration ---


def config(program="softmax", **values):
    return json.dumps({"program": program, "config": values})


@pytest.mark.parametrize(("content", "sentence"), [
    ("", "holds no config.json of a run"),
    ("program: softmax\nconfig: {}\n", "holds no config.json"),
    ("!!python/object/apply:os.system ['touch x']", "holds no config.json"),
    ("[]", "holds no config.json"),
    ('"softmax"', "holds no config.json"),
    ('{"program": "softmax", "config": 3}', "holds no config.json"),
    ("[" * 100_000, "nested too deeply"),
    ('{"a":' * 100_000, "nested too deeply"),
    ('{"program": "softmax", "config": {"steps": 1' + "0" * 5000 + "}}", "holds no config.json"),
    ("\n" * 1_000_001, "more than 1,000,000 bytes"),
    (b"\xff\xfe\x00", "holds no config.json"),
    (config("../../x"), "no tutorial named '../../x'"),
    (config("os"), "no tutorial named 'os'"),
    (config("tfport.softmax"), "no tutorial named"),
    (config(["softmax"]), "no tutorial named ['softmax']"),
    (config("\x1b]0;owned\x07\x1b[2J"), r"no tutorial named '\x1b]0;owned\x07\x1b[2J'"),
    (config("x" * 500_000), "no tutorial named 'xxx"),
    (config(steps="many"), "config.json: --steps takes a whole number"),
    (config(steps=1.5), "--steps takes a whole number"),
    (config(steps=-1), "--steps takes a whole number"),
    (config(steps=10**400), "--steps takes a whole number"),
    (config(learning_rate=10**400), "--learning-rate takes a number"),
    (config(learning_rate=float("nan")), "--learning-rate takes a number"),
    (config(learning_rate=float("inf")), "--learning-rate takes a number"),
    (config(data=["mnist"]), "--data takes one of"),
    (config(data_dir={"a": 1}), "--data-dir takes text"),
    (config(log_dir="a\0b"), "--log-dir takes text"),
    (config(precision="float8"), "--precision takes one of"),
], ids=range(28))  # fmt: skip
def test_a_strange_configuration(content, sentence, run_folder, picture, refused):
    (run_folder / "config.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    said = refused("predict", run_folder, picture)
    assert sentence in said and str(run_folder) in said


@posix
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "loop"])
def test_a_configuration_that_is_no_file(kind, run_folder, picture, refused):
    path = run_folder / "config.json"
    path.unlink()
    make = {
        "pipe": lambda: os.mkfifo(path), "device": lambda: path.symlink_to("/dev/zero"), "folder": path.mkdir,
        "loop": lambda: path.symlink_to(path),
    }  # fmt: skip
    make[kind]()
    assert "holds no config.json of a run" in refused("predict", run_folder, picture)


def test_paths_in_a_configuration_are_not_followed(run_folder, picture, tmp_path, capsys):
    """A run says where its data was; to read pictures and to export nothing is read or written there."""
    content = json.loads((run_folder / "config.json").read_text())
    content["config"] |= {"log_dir": str(tmp_path / "made"), "data_dir": "/dev/zero", "resume": "/dev/zero"}
    (run_folder / "config.json").write_text(json.dumps(content))
    before = sorted(path.name for path in tmp_path.iterdir())
    assert cli.main(["predict", str(run_folder), str(picture)]) == 0
    assert f"{picture}: " in capsys.readouterr().out
    assert cli.main(["export", str(run_folder), "--to", "keras", "--into", str(run_folder / "exported.keras")]) == 0
    assert (run_folder / "exported.keras").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == before


# --- TF1 checkpoints ---


def write_checkpoint(prefix, **arrays):
    names = list(arrays)
    values = [tf.constant(value) for value in arrays.values()]
    tf.raw_ops.SaveV2(prefix=str(prefix), tensor_names=names, shape_and_slices=[""] * len(names), tensors=values)
    return str(prefix)


def small_model():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, use_bias=False, name="d")], name="mine")


@pytest.mark.parametrize("where", ["../other/model", "absolute"])
def test_a_checkpoint_state_that_leads_out_of_its_folder(where, tmp_path):
    for name in ("run", "other"):
        (tmp_path / name).mkdir()
    secret = write_checkpoint(tmp_path / "other" / "model", w=np.ones((3, 4), np.float32))
    named = secret if where == "absolute" else where
    (tmp_path / "run" / "checkpoint").write_text(f'model_checkpoint_path: "{named}"\n')
    assert tf.train.latest_checkpoint(str(tmp_path / "run")), "TensorFlow follows it"
    model = small_model()
    before = model.get_weights()
    with pytest.raises(UserError, match="checkpoint: leads out of its folder, to .*; name the checkpoint itself"):
        interop.from_tf1_checkpoint(tmp_path / "run", model)
    assert np.array_equal(model.get_weights()[0], before[0])
    (tmp_path / "other" / "checkpoint").write_text(f'model_checkpoint_path: "{secret}"\n')
    interop.from_tf1_checkpoint(tmp_path / "other", model)  # TF1 wrote whole paths too
    assert model.get_weights()[0].sum() == 12


@pytest.mark.parametrize("kind", [pytest.param("device", marks=posix), "long", "garbage"])
def test_a_checkpoint_state_that_is_none(kind, tmp_path):
    state = tmp_path / "checkpoint"
    if kind == "device":
        state.symlink_to("/dev/zero")
    else:
        state.write_text("x" * (2 * 10**6 if kind == "long" else 5))
    with pytest.raises(UserError, match="no TF1 checkpoint" if kind == "garbage" else "checkpoint: cannot be read"):
        interop.from_tf1_checkpoint(tmp_path, small_model())


def test_names_in_a_checkpoint_are_never_paths_nor_control_sequences(tmp_path):
    w = np.ones((3, 4), np.float32)
    hostile = "\x1b]0;owned\x07\x1b[2J\n../../../climbed-out"
    path = write_checkpoint(tmp_path / "model", **{"../../climbed-out": w, "/etc/passwd": w, hostile: w})
    with pytest.raises(UserError, match="is in doubt") as caught:
        interop.from_tf1_checkpoint(path, small_model())
    assert all(line.isprintable() for line in str(caught.value).split("\n"))
    mapped = interop.name_map(path, small_model(), {"d/kernel": hostile})
    assert "\x1b" not in str(mapped) and r"\x1b]0;owned\x07" in str(mapped)
    assert all(line.isprintable() for line in str(mapped).split("\n")) and len(str(mapped).split("\n")) == 3
    interop.from_tf1_checkpoint(path, model := small_model(), {"d/kernel": hostile})
    back = interop.to_tf1_checkpoint(model, tmp_path / "back", {"d/kernel": "../../climbed-out"})
    assert tf.train.list_variables(back) == [("../../climbed-out", [3, 4])]
    assert not list(tmp_path.parent.rglob("climbed-out*"))


def test_a_checkpoint_that_declares_more_than_it_has(tmp_path):
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    path = write_checkpoint(tmp_path / "model", w=np.ones((3, 4), np.float32), x=np.ones((200, 200, 200), np.int8))
    index = Path(f"{path}.index").read_bytes()
    # A block of TensorFlow's table ends with its kind and its checksum.
    end = next(n for n in range(20, len(index)) if struct.pack("<I", masked_crc32c(index[:n])) == index[n : n + 4])
    dimension, larger = (b"\x12\x03\x08" + number for number in (b"\xc8\x01", b"\xff\x7f"))  # 200 and 16,383
    assert index[:end].count(dimension) == 3
    block = index[:end].replace(dimension, larger)
    Path(f"{path}.index").write_bytes(block + struct.pack("<I", masked_crc32c(block)) + index[end + 4 :])
    assert dict(tf.train.list_variables(path))["x"] == [16_383] * 3, "TensorFlow takes it"
    with pytest.raises(UserError, match=r"declares 4,397,[\d,]+ bytes of arrays, and has 8,000,048"):
        interop.from_tf1_checkpoint(path, small_model(), {"d/kernel": "w"})


def test_a_checkpoint_of_words_and_powers_that_are_tables(tmp_path):
    path = write_checkpoint(tmp_path / "words", w=np.full((3, 4), "os.system"))
    with pytest.raises(UserError, match="w cannot be read .it holds no numbers"):
        interop.from_tf1_checkpoint(path, small_model(), {"d/kernel": "w"})
    slots = {name: np.ones((3, 4), np.float32) for name in ("w", "w/Adam", "w/Adam_1")}
    powers = {name: np.full((2, 2), 0.5, np.float32) for name in ("beta1_power", "beta2_power")}
    model = small_model()
    model.compile(keras.optimizers.Adam())
    with pytest.raises(UserError, match="beta1_power is no single number"):
        interop.from_tf1_checkpoint(write_checkpoint(tmp_path / "m", **slots, **powers), model, {"d/kernel": "w"})


# --- a run that is resumed ---


@pytest.fixture
def resumed(refused):
    from tfport import softmax

    def run(folder, *words):
        return refused(*words, main=lambda _: softmax.main(["--data", "fake", "--resume", str(folder)]))

    return run


@posix
@pytest.mark.parametrize("linked", ["metrics.jsonl", "tb", "checkpoints", "figures/curves.png", "final.weights.h5"])
def test_a_run_with_links_in_it_is_not_resumed(linked, run_folder, tmp_path, resumed):
    """It would be cut to the size that its checkpoint says, written to, or emptied, wherever it is."""
    mine = tmp_path / "mine"
    (mine / "part-1").mkdir(parents=True)
    (mine / "file").write_text("precious")
    path = run_folder / linked
    shutil.rmtree(path, ignore_errors=True)
    path.unlink(missing_ok=True)
    path.symlink_to(mine if "." not in linked else mine / "file")
    assert f"{path} is a link or no regular file" in resumed(run_folder)
    assert (mine / "file").read_text() == "precious" and (mine / "part-1").is_dir()


@pytest.mark.parametrize(("name", "content", "sentence"), [
    ("config.json", "[" * 100_000, "nested too deeply"),
    ("config.json", '{"program": "softmax", "config": {}}', "holds no config.json of a run"),
    ("config.json", '{"program": "\\u001b[2Jos", "config": {}, "data": {"sha256": 1, "origin": 2}}', "is a run of"),
    ("config.json", '{"program": "softmax", "config": {"steps": 1e9}, "data": {"sha256": 1, "origin": 2}}', "--steps"),
    ("config.json", '{"program": "softmax", "config": {"x": 1}, "data": {"sha256": 1, "origin": 2}}', "another"),
    ("metrics.jsonl", '{"step": "1", "loss": 0, "accuracy": 1, "seconds": []}\n', "is no list of a run's reports"),
    ("metrics.jsonl", "[" * 100_000 + "\n", "is no list of a run's reports"),
], ids=range(7))  # fmt: skip
def test_a_strange_run_is_not_resumed(name, content, sentence, run_folder, resumed):
    (run_folder / name).write_text(content)
    if name == "metrics.jsonl":  # as far as the checkpoint says it is the run's
        for state in (run_folder / "checkpoints").glob("step-*.json"):
            kept = json.loads(state.read_text())
            kept["grown"]["metrics.jsonl"] = len(content)
            state.write_text(json.dumps(kept))
    assert sentence in resumed(run_folder)


# --- pictures ---


def png(width, height, *chunks):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    parts = [(b"IHDR", struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)), *chunks, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def two():
    return [Image.new("L", (40, 40), shade) for shade in (0, 90)]


def postscript(path):
    path.write_text(
        f"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n({path}-ran) (w) file closefile\n"
    )


@pytest.mark.parametrize(("make", "sentence"), [
    (lambda path: path.write_bytes(png(100_000, 100_000, (b"IDAT", zlib.compress(b"\0" * 1000)))), "cannot be read"),
    (lambda path: path.write_bytes(png(10_000, 9_000, (b"IDAT", zlib.compress(b"\0" * 1000)))), "too many"),
    (lambda path: path.write_bytes(png(2**31 - 1, 2**31 - 1)), "cannot be read"),
    (lambda path: path.write_bytes(png(0, 0, (b"IDAT", b""))), "is no picture"),
    (lambda path: path.write_bytes(
        png(40, 40, (b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 10**7)), (b"IDAT", zlib.compress(b"\0" * 1640)))
    ), "cannot be read"),
    (lambda path: path.write_bytes(png(40, 40, (b"IDAT", zlib.compress(b"\0" * 9)))), "cannot be read"),
    (lambda path: two()[0].save(path, save_all=True, append_images=two()[1:]), "holds more than one picture"),
    (lambda path: two()[0].save(path, "GIF"), "is a GIF, no PNG; give it the ending .gif"),
    (lambda path: two()[0].save(path, "TIFF"), "is a TIFF, no PNG"),
    (lambda path: two()[0].save(path, "JPEG"), "is a JPEG, no PNG; give it the ending .jpeg"),
    (lambda path: two()[0].save(path, "EPS"), "is no picture"),
    (postscript, "is no picture"),
    (lambda path: path.write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>'), "is no picture"),
    (lambda path: two()[0].save(path) or path.write_bytes(path.read_bytes()[:-30]), "cannot be read"),
    (lambda path: path.mkdir(), "no regular file"),
    pytest.param(lambda path: os.mkfifo(path), "no regular file", marks=posix),
    pytest.param(lambda path: path.symlink_to("/dev/zero"), "no regular file", marks=posix),
    pytest.param(lambda path: path.symlink_to(path), "cannot be read", marks=posix),
    (lambda path: path.touch() or os.truncate(path, 10**12), "bytes are too many"),
], ids=range(19))  # fmt: skip
def test_a_hostile_picture(make, sentence, tmp_path, run_folder, refused):
    path = tmp_path / "x.png"
    make(path)
    assert sentence in refused("predict", run_folder, path)
    assert not list(tmp_path.glob("*-ran"))


@pytest.mark.parametrize("ending", [".gif", ".tiff", ".webp"])
def test_pictures_that_move_or_have_pages(ending, tmp_path):
    path = tmp_path / f"x{ending}"
    two()[0].save(path, save_all=True, append_images=two()[1:])
    with pytest.raises(UserError, match="holds more than one picture; save the one"):
        pictures.read(str(path))
    two()[0].save(path)
    assert pictures.read(str(path)).size == (40, 40)


def test_control_sequences_in_a_files_name_reach_no_terminal(run_folder, picture, tmp_path, capsys, refused):
    hostile = tmp_path / "\x1b]0;owned\x07\x1b[31m\u202egnp\nerror.png"
    shutil.copy(picture, hostile)
    assert cli.main(["predict", str(run_folder), str(hostile), "--figure", str(tmp_path / "$x^{$.png")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and all(line.isprintable() for line in lines)
    assert r"\x1b]0;owned\x07\x1b[31m\u202egnp\nerror.png: " in lines[0]
    hostile.write_bytes(b"none")
    assert r"\x1b]0;owned\x07" in refused("predict", run_folder, hostile)
    undecodable = os.fsdecode(b"\xff.png")
    assert r"\udcff.png" in refused("predict", run_folder, undecodable)


def test_what_is_printable():
    assert printable("보기 × – é\t1") == "보기 × – é\\t1"
    assert printable("a\nb\x9b31m\u2028") == "a\\nb\\x9b31m\\u2028"
    assert printable("x" * 50, 10) == "x" * 10 + " …"
