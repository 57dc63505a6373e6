"""Digits, the small problems, the order of batches. Knows neither Keras nor graphs; both trees read through it."""

from tfport.data.batches import batch_indices
from tfport.data.digits import SOURCES, Bytes, Digits, Source, Split, load, read
from tfport.data.idx import DataError
from tfport.data.problems import Problem, Samples

__all__ = [
    "SOURCES",
    "Bytes",
    "DataError",
    "Digits",
    "Problem",
    "Samples",
    "Source",
    "Split",
    "batch_indices",
    "load",
    "read",
]
