"""Sources of Python 2, compiled for today's Python; and whole numbers that were divided.

A source that Python 3 cannot parse is translated in memory by fissix (2to3), and a line says so. In a source that it
can parse, ``a / b`` of two whole numbers gives a float as today's Python has it, which also serves as an index: scripts
that relied on Python 2's division used such quotients as slice bounds, shapes and numbers of batches.
"""

from __future__ import annotations

import ast
import functools
import importlib
import logging
import operator
import os
import re
import sys
import tokenize
import types
from typing import Any

import numpy as np

from legacy_tf1.compat.registry import used

# Modules of Python 2 → what has their contents.
MODULES = {
    "cPickle": "legacy_tf1.compat.pickle2",
    "Queue": "queue",
    "StringIO": "io",
    "cStringIO": "io",
    "ConfigParser": "configparser",
    "Tkinter": "tkinter",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
    "commands": "subprocess",
}
# Built-in functions of Python 2, which a source may use that Python 3 can parse.
BUILTINS: dict[str, Any] = {
    "xrange": range, "unicode": str, "raw_input": input, "basestring": str, "long": int, "file": open, "unichr": chr,
    "reduce": functools.reduce, "reload": importlib.reload, "cmp": lambda one, two: (one > two) - (one < two),
}  # fmt: skip
DIVIDE = "__tf1_divide__"
FIXERS = [
    "apply", "asserts", "basestring", "buffer", "dict", "except", "exec", "execfile", "exitfunc", "filter",
    "funcattrs", "future", "getcwdu", "has_key", "idioms", "imports", "imports2", "input", "intern", "itertools",
    "itertools_imports", "long", "map", "metaclass", "methodattrs", "ne", "next", "nonzero", "numliterals",
    "operator", "paren", "print", "raise", "raw_input", "renames", "repr", "set_literal", "standarderror",
    "sys_exc", "throw", "tuple_params", "types", "unicode", "urllib", "xrange", "xreadlines", "zip",
]  # fmt: skip


class Quotient(float):
    """What two whole numbers divided give: today's float, and Python 2's whole number where an index is needed."""

    floor: int

    def __new__(cls, value: float, floor: int) -> Quotient:
        """Of both."""
        quotient = super().__new__(cls, value)
        quotient.floor = floor
        return quotient

    def __index__(self) -> int:
        used("a quotient as an index")
        return self.floor

    def __reduce__(self) -> Any:
        return float, (float(self),)


def _arithmetic(name: str) -> Any:
    of_floats, of_whole = getattr(float, name), getattr(int, name)

    def operation(self: Quotient, other: Any) -> Any:
        value = of_floats(float(self), other)
        whole = other.floor if isinstance(other, Quotient) else other
        if value is NotImplemented or not isinstance(whole, (int, np.integer)) or isinstance(whole, bool):
            return value
        return Quotient(value, int(of_whole(self.floor, int(whole))))

    return operation


for _name in ("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__"):
    setattr(Quotient, _name, _arithmetic(_name))


def _whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))


def divide(one: Any, two: Any) -> Any:
    """``one / two`` in a source that Python 3 can parse."""
    if _whole(one) and _whole(two) and two != 0:
        return Quotient(one / two, int(one // two))
    return one / two


def divide_whole(one: Any, two: Any) -> Any:
    """``one / two`` in a source of Python 2."""
    return one // two if _whole(one) and _whole(two) else one / two


def _in_place(division: Any) -> Any:
    # An array is changed, whoever else holds it.
    return lambda one, two: division(one, two) if _whole(one) and _whole(two) else operator.itruediv(one, two)  # type: ignore[no-untyped-call]


divide.in_place = _in_place(divide)  # type: ignore[attr-defined]
divide_whole.in_place = _in_place(divide_whole)  # type: ignore[attr-defined]


class _Divisions(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div):
            return node
        call = ast.Call(ast.Name(DIVIDE, ast.Load()), [node.left, node.right], [])
        return ast.copy_location(call, node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if not (isinstance(node.op, ast.Div) and isinstance(node.target, ast.Name)):
            return node
        before = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
        called = ast.Attribute(ast.Name(DIVIDE, ast.Load()), "in_place", ast.Load())
        call = ast.copy_location(ast.Call(called, [before, node.value], []), node)
        return ast.copy_location(ast.Assign([node.target], call), node)


def read(path: str) -> str:
    """The text of a source: Python 2 let bytes of any encoding pass that stood in comments and texts."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (SyntaxError, UnicodeDecodeError):
        with open(path, encoding="latin-1") as file:
            return file.read()


def compiled(path: str, *, mended: bool = True) -> types.CodeType:
    """A source file as code.

    Args:
        path: of the file; tracebacks name its own lines.
        mended: False compiles it as it is.

    Raises:
        SyntaxError: neither Python 3 nor Python 2.
    """
    source = read(path)
    if not mended:
        return compile(source, path, "exec")
    of_future = re.findall(r"from\s+__future__\s+import\s+(\([^)]*\)|(?:[^\n\\]|\\\n)*)", source)
    divided_as_today = any(re.search(r"\bdivision\b", each) for each in of_future)
    try:
        tree = ast.parse(source, path)
    except SyntaxError as error:
        plain = translated(source, path)
        try:
            tree = ast.parse(plain, path)
        except SyntaxError:
            raise error from None
        print(
            f"{os.path.basename(path)} is of Python 2: translated in memory, the file stays as it is.", file=sys.stderr
        )
        used(f"{os.path.basename(path)}: Python 2")
        if not divided_as_today:
            tree.body.insert(_after_docstring(tree), _binding("divide_whole"))
    else:
        if not divided_as_today:
            tree.body.insert(_after_docstring(tree), _binding("divide"))
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    for name in sorted(named & set(BUILTINS)):
        used(f"{os.path.basename(path)}: {name} of Python 2")
        line = f"from legacy_tf1.compat.python2 import BUILTINS as {name}; {name} = {name}[{name!r}]"
        place = _after_docstring(tree)
        tree.body[place:place] = ast.parse(line).body
    if not divided_as_today:
        tree = _Divisions().visit(tree)
    return compile(ast.fix_missing_locations(tree), path, "exec")


def _binding(name: str) -> ast.stmt:
    (statement,) = ast.parse(f"from legacy_tf1.compat.python2 import {name} as {DIVIDE}").body
    return statement


def _after_docstring(tree: ast.Module) -> int:
    """Where a statement can stand first: after the docstring and what comes from the future."""
    for place, node in enumerate(tree.body):
        docstring = place == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not (docstring or (isinstance(node, ast.ImportFrom) and node.module == "__future__")):
            return place
    return len(tree.body)


def translated(source: str, path: str) -> str:
    """A source of Python 2 in Python 3, its lines kept but for some rare forms; what is neither comes back as it is."""
    from fissix import pgen2, refactor

    logging.getLogger("RefactoringTool").setLevel(logging.ERROR)
    tool = refactor.RefactoringTool([f"fissix.fixes.fix_{name}" for name in FIXERS])
    # In Python 2 a tab reached to the next multiple of eight.
    expanded = re.sub(r"^[ \t]+", lambda indent: indent[0].expandtabs(8), source, flags=re.MULTILINE)
    try:
        return str(tool.refactor_string(expanded + "\n", path))
    except (pgen2.parse.ParseError, pgen2.tokenize.TokenError):
        return expanded
