"""Pages as pictures, measured in millimetres from the upper left of the page as seen."""
import pathlib
import subprocess
import tempfile

import numpy
from PIL import Image

DPI = 200
MM = 25.4 / DPI
POINT_MM = 25.4 / 72


def render(path, page=1, dpi=DPI):
    """The visible page, RGB, as signed integers."""
    with tempfile.TemporaryDirectory() as folder:
        stem = pathlib.Path(folder) / "page"
        subprocess.run(["pdftoppm", "-r", str(dpi), "-cropbox", "-f", str(page), "-l", str(page), "-singlefile",
                        str(path), str(stem)], check=True, capture_output=True)
        with Image.open(stem.with_suffix(".ppm")) as picture:
            return numpy.asarray(picture.convert("RGB")).astype(numpy.int16)


def changed(before, after):
    assert before.shape == after.shape
    return numpy.abs(after - before).max(axis=2) > 20


def blue(picture):
    return (picture[..., 2] - picture[..., 0] > 20) & (picture[..., 2] - picture[..., 1] > 8)


def red(picture):
    return (picture[..., 0] - picture[..., 2] > 60) & (picture[..., 0] - picture[..., 1] > 60)


def dark(picture, limit=110):
    return picture.max(axis=2) < limit


class Box:
    """x0, y0, x1, y1 in mm; y goes down."""

    def __init__(self, x0, y0, x1, y1):
        self.x0, self.y0, self.x1, self.y1 = x0, y0, x1, y1

    @property
    def width(self):
        return self.x1 - self.x0

    @property
    def height(self):
        return self.y1 - self.y0

    @property
    def centre(self):
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def pixels(self, air=0.0):
        return (slice(max(0, round((self.y0 - air) / MM)), round((self.y1 + air) / MM)),
                slice(max(0, round((self.x0 - air) / MM)), round((self.x1 + air) / MM)))

    def __str__(self):
        return f"({self.x0:.2f}, {self.y0:.2f})–({self.x1:.2f}, {self.y1:.2f}) mm, {self.width:.2f} × {self.height:.2f} mm"


def extent(mask):
    rows, columns = numpy.flatnonzero(mask.any(axis=1)), numpy.flatnonzero(mask.any(axis=0))
    assert rows.size and columns.size, "nothing was painted"
    return Box(columns[0] * MM, rows[0] * MM, (columns[-1] + 1) * MM, (rows[-1] + 1) * MM)


def alpha(png):
    with Image.open(png) as picture:
        return numpy.asarray(picture.convert("RGBA"))[..., 3]


def ink_share(png):
    """Where the ink of a picture with transparent background begins and ends: x0, y0, x1, y1 of 1."""
    mask = alpha(png) > 24
    rows, columns = numpy.flatnonzero(mask.any(axis=1)), numpy.flatnonzero(mask.any(axis=0))
    return (columns[0] / mask.shape[1], rows[0] / mask.shape[0], (columns[-1] + 1) / mask.shape[1],
            (rows[-1] + 1) / mask.shape[0])


def whole_picture(ink, png):
    """The box of the whole picture, of which only the ink was measured."""
    x0, y0, x1, y1 = ink_share(png)
    width, height = ink.width / (x1 - x0), ink.height / (y1 - y0)
    return Box(ink.x0 - x0 * width, ink.y0 - y0 * height, ink.x0 + (1 - x0) * width, ink.y0 + (1 - y0) * height)


def likeness(mask, png, turns=0):
    """Correlation of painted ink with a picture's alpha, turned by quarters."""
    wanted = Image.fromarray(numpy.rot90(alpha(png), turns)).resize((mask.shape[1], mask.shape[0]))
    a, b = mask.astype(float).ravel(), numpy.asarray(wanted).astype(float).ravel()
    return float(numpy.corrcoef(a, b)[0, 1])
