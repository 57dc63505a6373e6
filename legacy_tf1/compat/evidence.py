"""Tells whether a source that Python 3 can parse was written for Python 2: only there could some line of it run.

Such a source divides whole numbers as Python 2 did, and its ``map``, ``zip`` and ``dict.keys`` give lists. One that
asks which Python runs it, or catches what fails, is taken to serve both and stays as it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

ASKS = re.compile(
    r"\bsix\b|\bversion_info\b|\bPY[23]\b|\bhexversion\b|python_version|\bsys\.version\b|\bpast\.builtins\b"
)
BUILTINS = {"xrange", "unicode", "raw_input", "basestring", "long", "unichr", "reduce", "cmp", "file", "execfile",
            "reload", "apply", "buffer", "intern", "coerce"}  # fmt: skip
MODULES = {"cPickle", "StringIO", "cStringIO", "Queue", "ConfigParser", "Tkinter", "urllib2", "urlparse", "httplib",
           "cookielib", "HTMLParser", "BaseHTTPServer", "__builtin__"}  # fmt: skip
NAMES = {
    "sys": {"maxint", "setdefaultencoding"},
    "string": {"letters", "lowercase", "uppercase", "maketrans", "join", "split", "replace", "atoi", "atof"},
    "itertools": {"izip", "imap", "ifilter", "izip_longest", "ifilterfalse"},
    "urllib": {"urlretrieve", "urlopen", "urlencode", "quote", "unquote", "quote_plus", "unquote_plus"},
    "os": {"getcwdu"},
}
LISTS = {"map", "zip", "filter"}  # gave lists
VIEWS = {"keys", "items"}  # not values: an operation of a graph has them too, as a tuple
OF_LISTS = {"sort", "append", "extend", "insert", "remove", "pop", "reverse"}
OF_NUMPY = {"array", "asarray", "vstack", "hstack", "concatenate", "stack", "mean", "sum", "max", "min", "argmax"}


def is_python_2(tree: ast.Module, source: str) -> bool:
    """Whether only Python 2 could run all of a source.

    Args:
        tree: of the source.
        source: its text.
    """
    if re.match(r"#!.*\bpython2", source):
        return True
    if ASKS.search(source):
        return False
    names = _Names(tree)
    return any(_shows(node, names) for node in _unguarded(tree))


def _unguarded(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those in a ``try``."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.Try):
            yield child
            yield from _unguarded(child)


class _Names:
    """What the names of a source are bound to."""

    def __init__(self, tree: ast.Module) -> None:
        self.bound, self.modules, self.all_known = set[str](), set[str](), True
        self._calls = dict[str, set[str]]()
        values: dict[str, list[ast.expr | None]] = {}
        for node in ast.walk(tree):
            match node:
                case ast.Name(name, ast.Store() | ast.Del()) | ast.arg(name):
                    self.bound.add(name)
                    values.setdefault(name, []).append(None)
                case ast.FunctionDef(name) | ast.ClassDef(name) | ast.ExceptHandler(_, str(name)):
                    self.bound.add(name)
                case ast.Import(names):
                    self.modules.update((each.asname or each.name).split(".")[0] for each in names)
                case ast.ImportFrom(_, names):
                    self.bound.update((each.asname or each.name).split(".")[0] for each in names)
                    self.all_known &= all(each.name != "*" for each in names)
        self.modules -= self.bound  # a variable may have the name of a module
        self.bound |= self.modules
        # An Index of pandas gives its rows in every Python.
        self.views = VIEWS - {"keys"} if {"pandas", "pd"} & self.bound else VIEWS
        for node in ast.walk(tree):
            match node:
                case ast.Assign([ast.Name(name)], value):
                    values[name].append(value)
        # Names with one value alone: every binding was counted once, and once more with its value.
        self._calls = {
            name: {_kind(value, self) for value in found if value is not None}
            for name, found in values.items()
            if len(found) == 2 * sum(value is not None for value in found)
        }

    def kind(self, node: ast.expr) -> str:
        """What an expression is in Python 3: "lazy" for no list, "view" of a dictionary, "range"; else ""."""
        if isinstance(node, ast.Name):
            kinds = self._calls.get(node.id, set())
            return next(iter(kinds)) if len(kinds) == 1 else ""
        return _kind(node, self)


def _kind(node: ast.expr | None, names: _Names) -> str:
    match node:
        case ast.Call(ast.Name(name)) if name in LISTS and name not in names.bound and names.all_known:
            return "lazy"
        case ast.Call(ast.Name("range")) if "range" not in names.bound:
            return "range"
        case ast.Call(ast.Attribute(_, name), [], []) if name in names.views:
            return "view"
    return ""


def _shows(node: ast.AST, names: _Names) -> bool:
    match node:
        case ast.Name(name, ast.Load()):
            return name in BUILTINS and name not in names.bound and names.all_known
        case ast.Import(modules):
            return any(each.name in MODULES for each in modules)
        case ast.ImportFrom(module, found, 0):
            return module in MODULES or any(each.name in NAMES.get(module or "", ()) for each in found)
        case ast.Call(ast.Attribute(_, "has_key" | "iterkeys" | "itervalues" as name)):
            return name not in names.bound
        case ast.Attribute(ast.Name(module), name, ast.Load()) if name in NAMES.get(module, ()):
            return module in names.modules
        case ast.Call(ast.Attribute(value, name)) if name in OF_LISTS and names.kind(value):
            return not (name == "pop" and names.kind(value) == "view")
        case ast.Call(ast.Attribute(_, "shuffle"), [what]) if names.kind(what):
            return True
        case ast.Call(ast.Name("len"), [what]) if "len" not in names.bound:
            return names.kind(what) == "lazy"
        case ast.Call(ast.Attribute(ast.Name("np" | "numpy"), name), [what, *_]) if name in OF_NUMPY:
            return names.kind(what) in ("lazy", "view")
        case ast.BinOp(one, ast.Add(), two):
            return bool(names.kind(one) or names.kind(two))
        case ast.Subscript(value, _, context):
            kind = names.kind(value)
            return kind in ("lazy", "view") or (kind == "range" and not isinstance(context, ast.Load))
    return False
