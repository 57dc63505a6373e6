"""``tf.contrib.learn.preprocessing``: words of documents as numbers."""

from __future__ import annotations

import collections
import itertools
import pickle
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds
from tfport.errors import UserError

_HOMES = ("contrib.learn.preprocessing", "contrib.learn.python.learn.preprocessing",
          "contrib.learn.python.learn.preprocessing.text",
          "contrib.learn.python.learn.preprocessing.categorical_vocabulary")  # fmt: skip
# What counts as a word is TensorFlow 1's behaviour: other tokens would be other numbers than a trained model's.
_TOKEN = re.compile(
    r"""
    [A-Z]{2,} (?![a-z])        # capitals in a row, the first of a longer word left out
    | [A-Z] [a-z]+ (?=[A-Z])   # a word within camel case
    | ['\w-]+                  # letters, digits and underscores of any script, apostrophes, hyphens
    """,
    re.VERBOSE,
)
# What files of VocabularyProcessor.save consist of beside our own names: nothing of it acts.
_PLAIN = {
    "builtins": {"dict", "frozenset", "int", "list", "long", "object", "set", "tuple"},
    "collections": {"Counter", "OrderedDict", "defaultdict"},
    "copyreg": {"_reconstructor"},
}
_PYTHON_2 = {"__builtin__": "builtins", "copy_reg": "copyreg"}


def _preprocessing(name: str) -> Callable[[Any], Any]:
    return adds(*(f"{home}.{name}" for home in _HOMES))


@_preprocessing("tokenizer")
def tokenizer(iterator: Iterable[str]) -> Iterator[list[str]]:
    """The words of each document."""
    for value in iterator:
        yield _TOKEN.findall(value)


@_preprocessing("CategoricalVocabulary")
class CategoricalVocabulary:
    """Words and their numbers; 0 is what is not known."""

    def __init__(self, unknown_token: str = "<UNK>", support_reverse: bool = True) -> None:  # noqa: S107
        self._unknown_token, self._support_reverse = unknown_token, support_reverse
        self._mapping: dict[Any, int] = {unknown_token: 0}
        self._reverse_mapping: list[Any] = [unknown_token]
        self._freq: dict[Any, int] = collections.defaultdict(int)
        self._freeze = False

    def __len__(self) -> int:
        return len(self._mapping)

    def freeze(self, freeze: bool = True) -> None:
        """Take no new words from now on, or take them again."""
        self._freeze = freeze

    def get(self, category: Any) -> int:
        """A word's number; a new one gets the next, unless frozen."""
        if category not in self._mapping:
            if self._freeze:
                return 0
            self._mapping[category] = len(self._mapping)
            if self._support_reverse:
                self._reverse_mapping.append(category)
        return self._mapping[category]

    def add(self, category: Any, count: int = 1) -> None:
        """Count a word."""
        if self.get(category) > 0:
            self._freq[category] += count

    def trim(self, min_frequency: int, max_frequency: int = -1) -> None:
        """Keep the words seen more often than ``min_frequency``, the most frequent first."""
        # Of equal frequency: in the order of the alphabet, backwards, as a sort of a sort had it.
        alphabetic = sorted(self._freq.items(), key=lambda item: (isinstance(item[0], str), item[0]))
        ordered = sorted(alphabetic, key=lambda item: item[1], reverse=True)
        kept = [item for item in ordered if item[1] > min_frequency and not 0 < max_frequency <= item[1]]
        self._freq = collections.defaultdict(int, kept)
        self._mapping = {self._unknown_token: 0, **{word: number for number, (word, _) in enumerate(kept, 1)}}
        if self._support_reverse:
            self._reverse_mapping = list(self._mapping)

    def reverse(self, class_id: int) -> Any:
        """The word of a number.

        Raises:
            ValueError: the vocabulary was made without that.
        """
        if not self._support_reverse:
            raise ValueError("the vocabulary was made with support_reverse=False, so that numbers have no words")
        return self._reverse_mapping[class_id]


@_preprocessing("VocabularyProcessor")
class VocabularyProcessor:
    """Documents as rows of ``max_document_length`` numbers of words, cut off, or filled up with 0.

    Args:
        max_document_length: words of a row.
        min_frequency: words must be seen more often than that.
        vocabulary: a :class:`CategoricalVocabulary`; None begins one.
        tokenizer_fn: from documents to lists of words; None finds words by a pattern.
    """

    def __init__(
        self, max_document_length: int, min_frequency: int = 0, vocabulary: Any = None, tokenizer_fn: Any = None
    ) -> None:
        self.max_document_length, self.min_frequency = int(max_document_length), min_frequency
        self.vocabulary_ = vocabulary if vocabulary is not None else CategoricalVocabulary()
        self._tokenizer = tokenizer_fn or tokenizer

    def fit(self, raw_documents: Iterable[str], unused_y: Any = None) -> VocabularyProcessor:
        """Learn the vocabulary, which is frozen then; returns itself."""
        for tokens in self._tokenizer(raw_documents):
            for token in tokens:
                self.vocabulary_.add(token)
        if self.min_frequency > 0:
            self.vocabulary_.trim(self.min_frequency)
        self.vocabulary_.freeze()
        return self

    def transform(self, raw_documents: Iterable[str]) -> Iterator[np.ndarray]:
        """Documents as rows of int64."""
        for tokens in self._tokenizer(raw_documents):
            row = np.zeros(self.max_document_length, np.int64)
            for place, token in enumerate(itertools.islice(tokens, self.max_document_length)):
                row[place] = self.vocabulary_.get(token)
            yield row

    def fit_transform(self, raw_documents: Any, unused_y: Any = None) -> Iterator[np.ndarray]:
        """Learn the vocabulary and give the documents as rows (max_document_length,) of int64."""
        self.fit(raw_documents)
        return self.transform(raw_documents)

    def reverse(self, documents: Iterable[Any]) -> Iterator[str]:
        """Rows as words, with spaces between them."""
        for row in documents:
            yield " ".join(self.vocabulary_.reverse(number) for number in row)

    def save(self, filename: str) -> None:
        """Write it to a file, by pickle."""
        with tf.gfile.Open(filename, "wb") as file:
            file.write(pickle.dumps(self))

    @classmethod
    def restore(cls, filename: str) -> Any:
        """Read one from such a file, TensorFlow 1's own included.

        Raises:
            UserError: the file holds something else, which is not run.
        """
        with tf.gfile.Open(filename, "rb") as file:
            return _Unpickler(file, filename).load()


class _Unpickler(pickle.Unpickler):
    """Reads what :meth:`VocabularyProcessor.save` writes and nothing else: a pickle can name any function to call."""

    def __init__(self, file: Any, filename: Any) -> None:
        super().__init__(file)
        self._filename = filename

    def find_class(self, module: str, name: str) -> Any:
        own = {each.__name__: each for each in (CategoricalVocabulary, VocabularyProcessor, tokenizer)}
        if name in own and (module == __name__ or module.startswith("tensorflow.contrib.learn.")):
            return own[name]
        if name in _PLAIN.get(_PYTHON_2.get(module, module), ()):
            return super().find_class(module, name)
        raise UserError(
            f"{self._filename}: VocabularyProcessor.restore does not load {module}.{name}, which could run anything;"
            " fit the vocabulary anew, or read a file that you trust with pickle.load"
        )


@_preprocessing("ByteProcessor")
class ByteProcessor:
    """Documents as rows of ``max_document_length`` bytes."""

    def __init__(self, max_document_length: int) -> None:
        self.max_document_length = max_document_length

    def fit(self, x: Any) -> ByteProcessor:
        """There is nothing to learn."""
        return self

    def fit_transform(self, x: Any) -> Iterator[np.ndarray]:
        """Documents as rows of uint8."""
        return self.transform(x)

    def transform(self, x: Iterable[Any]) -> Iterator[np.ndarray]:
        """Documents as rows of uint8."""
        for document in x:
            encoded = document if isinstance(document, bytes) else document.encode("utf-8")
            row = np.frombuffer(encoded[: self.max_document_length], np.uint8)
            yield np.pad(row, (0, self.max_document_length - len(row)))

    def reverse(self, x: Iterable[Any]) -> Iterator[str]:
        """Rows as texts; what is no UTF-8 is empty."""
        for row in x:
            try:
                yield bytes(np.asarray(row, np.uint8)).strip(b"\0").decode("utf-8")
            except UnicodeDecodeError:
                yield ""
