"""Pictures of digits: drawn ones, photograph-like ones, MNIST's own; and what is no picture of a digit."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tfport.errors import UserError
from tfport.interop import pictures


def drawn(size=(160, 160), *, ink=255, ground=0, mode="L", width=14, box=(55, 30, 105, 130)):
    """A zero: an ellipse, from a box of its corners."""
    picture = Image.new(mode, size, ground)
    ImageDraw.Draw(picture).ellipse(box, outline=ink, width=width)
    return picture


def photographed(random):
    """The same in blue ink on paper, unevenly lit, noisy, blurred."""
    ink = np.asarray(drawn((480, 360), width=25, box=(190, 90, 280, 270)), float)[..., np.newaxis] / 255
    down, along = np.mgrid[0:1:360j, 0:1:480j]
    light = (0.95 - 0.3 * along - 0.2 * down)[..., np.newaxis]
    paper, blue = np.array([235, 228, 210]), np.array([40, 45, 90])
    pixels = light * (paper * (1 - ink) + blue * ink) + random.normal(0, 6, ink.shape)
    return Image.fromarray(np.uint8(pixels.clip(0, 255))).filter(ImageFilter.GaussianBlur(1.2))


REFERENCE = pictures.as_mnist(drawn())


@pytest.mark.parametrize("picture", [
    drawn(ink=0, ground=255),
    drawn(ink=60, ground=210),
    drawn(mode="RGB", ink=(200, 30, 30), ground=(250, 250, 240)),
    drawn(mode="RGBA", ink=(0, 0, 0, 255), ground=(0, 0, 0, 0)),
    drawn(mode="RGBA", ink=(255, 255, 255, 255), ground=(0, 0, 0, 0)),
    drawn(mode="LA", ink=(255, 255), ground=(0, 0)),
    drawn(ink=255, ground=0).convert("P"),
    drawn(ink=1, ground=0, mode="1"),
    Image.fromarray(np.asarray(drawn()).astype(np.uint16) * 257),
    drawn((320, 200), box=(15, 40, 65, 140)),
    drawn((800, 800), width=70, box=(275, 150, 525, 650)),
    photographed(np.random.RandomState(0)),
], ids=lambda picture: f"{picture.mode}-{picture.width}x{picture.height}")  # fmt: skip
def test_every_picture_of_a_digit_becomes_the_same_image(picture):
    image = pictures.as_mnist(picture)
    assert image.shape == (28, 28) and image.dtype == np.float32 and image.min() == 0 and image.max() == 1
    # Its centre may be rounded the other way; edges are blurred in one of them.
    moved = [np.roll(image, (down, along), (0, 1)) for down in (-1, 0, 1) for along in (-1, 0, 1)]
    assert max(np.corrcoef(each.ravel(), REFERENCE.ravel())[0, 1] for each in moved) > 0.9


@pytest.mark.parametrize("change", [
    lambda grey: grey.convert("1", dither=Image.Dither.NONE),
    lambda grey: grey.convert("P"),
    lambda grey: Image.fromarray(np.asarray(grey).astype(np.uint16) * 257),
    lambda grey: Image.fromarray(np.asarray(grey, np.float32) / 255),
    lambda grey: grey.convert("CMYK"),
    lambda grey: grey.convert("RGB").convert("YCbCr"),
], ids=["1", "P", "I;16", "F", "CMYK", "YCbCr"])  # fmt: skip
def test_a_large_picture_of_any_mode_is_averaged(change):
    """A thin pen on a large scan: taking every sixth pixel alone would break the line."""
    large = drawn((2400, 2400), ink=0, ground=255, width=9, box=(800, 400, 1600, 2000))
    wanted, picture = pictures.as_mnist(large), change(large)
    np.testing.assert_allclose(pictures.as_mnist(picture), wanted, atol=0.05)
    shown = pictures.over_white(picture)
    assert shown.shape == (400, 400, 3) and shown.dtype == np.uint8
    np.testing.assert_allclose(shown.astype(int), pictures.over_white(large).astype(int), atol=8)


def test_one_colour_that_is_transparent_is_ground(tmp_path):
    # Black ink, and a ground that is black too where nobody sees it.
    ink = np.asarray(drawn()) > 128
    for name, picture, clear in (
        ("grey", Image.fromarray(np.where(ink, 0, 1).astype(np.uint8)), 1),
        ("colour", Image.fromarray(np.where(ink, 0, 1).astype(np.uint8)).convert("RGB"), (1, 1, 1)),
    ):
        picture.save(tmp_path / f"{name}.png", transparency=clear)
        image = pictures.as_mnist(pictures.read(str(tmp_path / f"{name}.png")))
        assert np.corrcoef(image.ravel(), REFERENCE.ravel())[0, 1] > 0.9, name


def test_the_digit_fills_its_box_and_lies_by_its_mass():
    for image in (REFERENCE, pictures.as_mnist(drawn((90, 200), box=(10, 60, 80, 90), width=6))):
        rows, columns = np.flatnonzero(image.max(1) > 0), np.flatnonzero(image.max(0) > 0)
        lengths = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        assert max(lengths) == 20 and min(lengths) < 20
        for axis in (0, 1):
            middle = np.sum(image.sum(1 - axis) * (np.arange(28) + 0.5)) / image.sum()
            assert 14 <= middle < 15, "as all of MNIST's"


def test_mnist_itself_comes_back_from_its_pictures(mnist_dir):
    from tfport import data

    images = data.load("mnist", mnist_dir).test.images[:300, ..., 0]
    for turned in (lambda image: image, lambda image: 1 - image):
        again = np.stack(
            [pictures.as_mnist(Image.fromarray(np.uint8(np.round(255 * turned(each))))) for each in images]
        )
        assert np.abs(again - images).mean() < 0.005


@pytest.mark.parametrize(("make", "sentence"), [
    (lambda path: path.write_bytes(b"no picture"), "is no picture; takes PNG"),
    (lambda path: drawn().save(path, "PNG") or path.write_bytes(path.read_bytes()[:200]), "cannot be read"),
    (lambda path: path.mkdir(), "cannot be read"),
    (lambda path: None, "cannot be read"),
    (lambda path: Image.new("1", (8000, 7000)).save(path, "PNG"), "8000 × 7000 pixels are too many"),
])  # fmt: skip
def test_what_is_no_picture(make, sentence, tmp_path):
    path = tmp_path / "x.png"
    make(path)
    with pytest.raises(UserError, match=sentence):
        pictures.read(str(path))


@pytest.mark.parametrize("ground", [0, 128, 255])
@pytest.mark.parametrize("size", [(28, 28), (300, 200)])
def test_an_empty_picture(ground, size):
    with pytest.raises(UserError, match="nothing is drawn on it"):
        pictures.as_mnist(Image.new("L", size, ground))


@pytest.mark.parametrize("kind", ["gradient", "noise", "both"])
def test_an_empty_page_is_no_digit_however_it_is_lit(kind):
    down, along = np.mgrid[0:1:200j, 0:1:300j]
    page = np.full(down.shape, 200.0)
    if kind != "noise":
        page -= 60 * along + 30 * down**2
    if kind != "gradient":
        page += np.random.RandomState(0).normal(0, 6, page.shape)
    with pytest.raises(UserError, match="nothing is drawn on it"):
        pictures.as_mnist(Image.fromarray(np.uint8(page.clip(0, 255))))


def test_a_photograph_that_lies_on_its_side_is_turned(tmp_path):
    upright = drawn(ink=0, ground=255)
    lying = upright.rotate(90, expand=True)
    exif = lying.getexif()
    exif[0x0112] = 6  # to be turned right by a quarter
    lying.save(tmp_path / "photo.jpg", exif=exif, quality=95)
    image = pictures.as_mnist(pictures.read(str(tmp_path / "photo.jpg")))
    rows, columns = np.flatnonzero(image.max(1) > 0), np.flatnonzero(image.max(0) > 0)
    assert rows[-1] - rows[0] > columns[-1] - columns[0]


def test_numbers_that_are_none_are_ground():
    values = np.asarray(drawn(), np.float32)
    values[0, 0] = np.nan
    assert np.isfinite(pictures.as_mnist(Image.fromarray(values))).all()
