"""Each line of the reader's semantics, on small IDX files and on real MNIST."""

import numpy as np
import pytest

from legacy_tf1 import input_data, tf

pytestmark = pytest.mark.rows


@pytest.fixture
def small(idx_folder):
    """The reader over 100 training, 20 validation and 40 test digits."""

    def read(**options):
        options.setdefault("validation_size", 20)
        return input_data.read_data_sets(str(idx_folder), **options)

    return read


@pytest.fixture
def raw(idx_folder):
    from tfport import data

    return data.read("mnist", idx_folder)


def test_returns_a_named_tuple_of_three_sets(small):
    sets = small()
    assert sets._fields == ("train", "validation", "test")
    assert [one.num_examples for one in sets] == [100, 20, 40]


@pytest.mark.parametrize("size", [0, 120])
def test_a_split_may_be_empty(small, size):
    sets = small(validation_size=size)
    assert (len(sets.train.images), len(sets.validation.images)) == (120 - size, size)
    assert sets.train.images.shape[1:] == sets.validation.images.shape[1:] == (784,)


def test_home_is_known_in_the_folders_name(idx_folder, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(idx_folder.parent))
    input_data.read_data_sets(f"~/{idx_folder.name}", validation_size=20)
    assert f"Extracting {idx_folder}" in capsys.readouterr().out


def test_validation_is_the_first_rows_unshuffled(small, raw):
    sets = small(dtype=tf.uint8, reshape=False)
    np.testing.assert_array_equal(sets.validation.images[..., 0], raw.train_images[:20])
    np.testing.assert_array_equal(sets.train.images[..., 0], raw.train_images[20:])


@pytest.mark.parametrize("size", [-1, 121])
def test_validation_size_out_of_range_is_a_value_error(small, size):
    with pytest.raises(ValueError, match="between 0 and 120"):
        small(validation_size=size)


def test_images_are_flat_float32_bytes_times_one_over_255(small, raw):
    images = small().test.images
    assert images.shape == (40, 784) and images.dtype == np.float32
    expected = raw.test_images.reshape(40, 784).astype(np.float32) * np.float32(1 / 255)
    np.testing.assert_array_equal(images, expected)


def test_reshape_false_keeps_the_image_and_a_channel(small):
    assert small(reshape=False).train.images.shape == (100, 28, 28, 1)


@pytest.mark.parametrize("dtype", [tf.uint8, np.uint8, "uint8"])
def test_uint8_keeps_0_to_255(idx_folder, small, dtype):
    images = small(dtype=dtype).train.images
    assert images.dtype == np.uint8 and images.max() == 255


@pytest.mark.parametrize("dtype", [tf.float64, tf.int32, np.float16])
def test_any_other_dtype_is_a_type_error(small, dtype):
    with pytest.raises(TypeError, match="expected uint8 or float32"):
        small(dtype=dtype)


def test_labels_are_uint8_or_one_hot_float64(small, raw):
    labels = small().test.labels
    assert labels.shape == (40,) and labels.dtype == np.uint8
    one_hot = small(one_hot=True).test.labels
    assert one_hot.shape == (40, 10) and one_hot.dtype == np.float64
    np.testing.assert_array_equal(one_hot.argmax(1), raw.test_labels)
    np.testing.assert_array_equal(one_hot.sum(1), 1)


def test_files_are_extracted_one_by_one(idx_folder, raw, tmp_path, capsys):
    with open(idx_folder / "t10k-images-idx3-ubyte.gz", "rb") as file:
        images = input_data.extract_images(file)
    assert capsys.readouterr().out == f"Extracting {file.name}\n"
    np.testing.assert_array_equal(images, raw.test_images[..., np.newaxis])
    path = str(idx_folder / "t10k-labels-idx1-ubyte.gz")
    np.testing.assert_array_equal(input_data.extract_labels(path), raw.test_labels)
    np.testing.assert_array_equal(input_data.extract_labels(path, one_hot=True).argmax(1), raw.test_labels)

    with pytest.raises(ValueError, match="between 0 and 120"):  # for 5,000 rows of validation
        input_data.load_mnist(str(idx_folder))

    letters = tmp_path / "letters"
    letters.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 3, 25]))
    assert input_data.extract_labels(letters).tolist() == [3, 25]
    assert input_data.extract_labels(letters, one_hot=True, num_classes=26)[:, 25].tolist() == [0, 1]
    with pytest.raises(ValueError, match="label 25 in row 1, where 0 to 9"):
        input_data.extract_labels(letters, one_hot=True)


def test_wrong_magic_is_a_value_error(idx_folder):
    (idx_folder / "train-labels-idx1-ubyte.gz").write_bytes((idx_folder / "t10k-images-idx3-ubyte.gz").read_bytes())
    with pytest.raises(ValueError, match="magic 2051"):
        input_data.read_data_sets(str(idx_folder))


@pytest.mark.parametrize(("one_hot", "label"), [(False, 0), (True, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0])])
def test_fake_sets_are_empty_and_give_constant_batches(one_hot, label):
    sets = input_data.read_data_sets("nowhere", fake_data=True, one_hot=one_hot)
    for one in sets:
        assert one.num_examples == 10_000
        assert list(one.images) == [] and list(one.labels) == []
        images, labels = one.next_batch(3, fake_data=True)
        assert images == [[1] * 784] * 3 and labels == [label] * 3
        assert one.epochs_completed == 0


def test_fake_batches_of_a_real_set_advance_nothing(small):
    train = small(seed=1).train
    before = train.images.copy()
    train.next_batch(60, fake_data=True)
    train.next_batch(60, fake_data=True)
    assert train.epochs_completed == 0
    np.testing.assert_array_equal(train.images, before)


def test_asking_a_fake_set_for_real_images_says_what_to_do():
    fake = input_data.read_data_sets("nowhere", fake_data=True).test
    with pytest.raises(ValueError, match="fake_data=True"):
        fake.next_batch(5)


def test_unshuffled_batches_keep_the_order_and_are_always_full(small):
    train = small().train
    rows = np.concatenate([train.next_batch(40, shuffle=False)[0] for _ in range(5)])
    np.testing.assert_array_equal(rows, np.concatenate([train.images, train.images]))


def test_ending_exactly_at_the_end_does_not_count_an_epoch_yet(small):
    train = small().train
    for _ in range(4):
        train.next_batch(25)
    assert train.epochs_completed == 0
    train.next_batch(25)
    assert train.epochs_completed == 1


def test_batch_across_the_end_takes_the_tail_then_the_head_of_a_new_shuffle(small):
    train = small(seed=3).train
    train.next_batch(60)
    tail = train.images[60:].copy()
    images, labels = train.next_batch(60)
    assert len(images) == len(labels) == 60 and train.epochs_completed == 1
    np.testing.assert_array_equal(images[:40], tail)
    np.testing.assert_array_equal(images[40:], train.images[:20])
    np.testing.assert_array_equal(train.next_batch(10)[0], train.images[20:30])


def test_shuffles_compose_and_show_in_images(small):
    train = small(seed=3).train
    original = train.images.copy()
    np.random.seed(11)
    train.next_batch(100)
    random = np.random.RandomState(11)
    once = original[random.permutation(100)]
    np.testing.assert_array_equal(train.images, once)
    train.next_batch(1)
    np.testing.assert_array_equal(train.images, once[random.permutation(100)])


def test_images_and_labels_stay_together(small):
    train = small(one_hot=True, seed=5).train
    pairs = {bytes(image): tuple(label) for image, label in zip(train.images, train.labels, strict=True)}
    for _ in range(7):
        for image, label in zip(*train.next_batch(33), strict=True):
            assert pairs[bytes(image)] == tuple(label)


def test_a_batch_larger_than_the_set_is_filled_from_the_next_epoch(small):
    test = small().test
    images, labels = test.next_batch(60, shuffle=False)
    np.testing.assert_array_equal(images, np.concatenate([test.images, test.images[:20]]))
    assert len(labels) == 60 and test.epochs_completed == 1


def test_a_batch_that_a_whole_epoch_cannot_fill_is_an_error(small):
    test = small().test
    assert len(test.next_batch(80)[0]) == 80
    with pytest.raises(ValueError, match="a batch of 81 is too large for a set of 40"):
        small().test.next_batch(81)


def test_prints_extracting_for_each_of_the_four_files(small, idx_folder, capsys):
    small()
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Extracting")]
    assert lines == [f"Extracting {idx_folder / name}.gz" for name in (
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
    )]  # fmt: skip


def test_prints_successfully_downloaded_where_it_downloaded(monkeypatch, capsys, mnist_dir, tmp_path):
    from tfport.data import mnist

    monkeypatch.setattr(mnist, "download", lambda: mnist.in_folder(mnist_dir))
    input_data.read_data_sets(str(tmp_path / "nothing"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Successfully downloaded train-images-idx3-ubyte.gz 9912422 bytes."
    assert lines[1].startswith("Extracting ")
    assert len(lines) == 8


def test_source_url_is_accepted_and_answered(small, capsys):
    small(source_url="http://yann.lecun.com/exdb/mnist/")
    assert "source_url http://yann.lecun.com/exdb/mnist/ is not used" in capsys.readouterr().out


def first_shuffle(train):
    train.next_batch(train.num_examples)
    return train.images


def test_a_seed_repeats_the_shuffles(small):
    np.testing.assert_array_equal(first_shuffle(small(seed=9).train), first_shuffle(small(seed=9).train))


@pytest.mark.parametrize(("graph_seed", "seed", "expected"), [(5, None, 5), (5, 7, 7), (None, 7, 7)])
def test_numpy_gets_the_graph_seed_where_no_seed_is_given_and_the_seed_else(small, graph_seed, seed, expected):
    with tf.Graph().as_default():
        if graph_seed is not None:
            tf.set_random_seed(graph_seed)
        small(seed=seed)
        state = np.random.get_state()[1]
    np.testing.assert_array_equal(state, np.random.RandomState(expected).get_state()[1])


def test_with_neither_seed_an_earlier_numpy_seed_is_lost(small):
    draws = []
    for _ in range(2):
        with tf.Graph().as_default():
            np.random.seed(5)
            small()
            draws.append(np.random.rand())
    assert draws[0] != draws[1]
    assert draws[0] != np.random.RandomState(5).rand()


def test_with_a_graph_seed_the_shuffles_repeat_and_the_op_seed_counter_advances_by_three(small):
    orders = []
    for _ in range(2):
        with tf.Graph().as_default():
            tf.set_random_seed(1)
            before = tf.get_seed(None)[1]
            orders.append(first_shuffle(small().train))
            assert tf.get_seed(None)[1] - before == 4  # three calls of the reader, one of ours
    np.testing.assert_array_equal(*orders)


def test_first_permutation_of_real_mnist_is_randomstates(mnist_dir):
    with tf.Graph().as_default():
        train = input_data.read_data_sets(mnist_dir, seed=42).train
        before = train.labels.copy()
        first = train.next_batch(55_000)[1]
        seed = 42
        np.testing.assert_array_equal(first, before[np.random.RandomState(seed).permutation(55_000)])
