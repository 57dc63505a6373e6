import numpy as np
import pytest

from tfport import data
from tfport.data import synthetic
from tfport.data.batches import batch_indices
from tfport.data.digits import scale
from tfport.data.idx import DataError


def test_fake_images_are_ones_with_label_zero():
    digits = data.load("fake")
    for split in (digits.train, digits.test):
        assert np.all(split.images == 1.0) and not split.labels.any()


def test_unknown_source_names_those_there_are():
    with pytest.raises(DataError, match="auto, mnist, fake, synthetic"):
        data.read("emnist")


def test_validation_larger_than_the_training_set(idx_folder):
    with pytest.raises(DataError, match="120 training images leave none after 5000"):
        data.load("mnist", idx_folder)


def test_scale_multiplies_by_one_over_255_as_tf1_did():
    every_byte = np.arange(256, dtype=np.uint8)
    image = np.resize(every_byte, (1, 28, 28))
    scaled = scale(image).ravel()[:256]
    assert scaled.dtype == np.float32
    np.testing.assert_array_equal(scaled, every_byte.astype(np.float32) * np.float32(1 / 255))
    assert np.sum(scaled != every_byte.astype(np.float32) / np.float32(255)) == 126
    assert scaled[255] == 1.0


def test_synthetic_digits_repeat_with_their_seed_and_only_then():
    first, again, other = (synthetic.digits(train=300, test=100, seed=seed) for seed in (5, 5, 6))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(first[0], other[0])


def test_synthetic_digits_look_like_mnist_arrays():
    images, labels, test_images, test_labels = synthetic.digits(train=2000, test=500)
    assert images.shape == (2000, 28, 28) and images.dtype == np.uint8
    assert labels.shape == (2000,) and test_images.shape == (500, 28, 28) and test_labels.shape == (500,)
    assert np.bincount(labels, minlength=10).min() > 150
    assert not set(map(bytes, images)) & set(map(bytes, test_images))
    assert 20 < images.mean() < 50  # MNIST: 33


def test_synthetic_digits_are_framed_as_mnist_frames_its_own():
    images = synthetic.draw(np.arange(500) % 10, seed=1).astype(float)
    rows, columns = np.mgrid[:28, :28]
    weight = images.sum(axis=(1, 2))
    for axis in (rows, columns):
        centre = (images * axis).sum(axis=(1, 2)) / weight
        assert abs(centre.mean() - 14) < 0.5 and np.abs(centre - 14).max() < 2.5
    border = np.concatenate([images[:, :2].max(axis=(1, 2)), images[:, -2:].max(axis=(1, 2))])
    assert np.mean(border > 128) < 0.01


@pytest.mark.parametrize(("examples", "batch"), [(10, 3), (10, 10), (7, 20), (100, 7)])
def test_batches_never_shrink_and_every_epoch_is_a_permutation(examples, batch):
    rows = batch_indices(examples, batch, seed=1, start=0, stop=60)
    assert rows.shape == (60, batch)
    stream = rows.ravel()
    for epoch in range(len(stream) // examples):
        part = stream[epoch * examples : (epoch + 1) * examples]
        np.testing.assert_array_equal(np.sort(part), np.arange(examples))
    if len(stream) >= 2 * examples:
        assert not np.array_equal(stream[:examples], stream[examples : 2 * examples])


def test_batches_of_a_step_do_not_depend_on_where_one_starts():
    whole = batch_indices(55, 10, seed=4, start=0, stop=40)
    for start, stop in ((0, 1), (5, 6), (13, 29), (39, 40)):
        np.testing.assert_array_equal(batch_indices(55, 10, 4, start, stop), whole[start:stop])
