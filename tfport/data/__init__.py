"""Sources of digits and the order of batches. Knows neither Keras nor graphs; both trees read through it."""

from tfport.data.batches import batch_indices
from tfport.data.digits import SOURCES, Bytes, Digits, Source, Split, load, read
from tfport.data.idx import DataError

__all__ = ["SOURCES", "Bytes", "DataError", "Digits", "Source", "Split", "batch_indices", "load", "read"]
