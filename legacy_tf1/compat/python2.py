"""Sources of Python 2, compiled for today's Python; whole numbers that were divided; and arrays of one number.

A source that only Python 2 could run (:mod:`legacy_tf1.compat.evidence`) is translated in memory by fissix (2to3), and
a line says so. In any other ``a / b`` of two whole numbers gives a float as today's Python has it, which also serves as
an index: scripts that relied on Python 2's division used such quotients as slice bounds, shapes and numbers of batches.
An array of one number, as ``session.run`` returns for a loss of shape (1, 1), was taken for that number by ``float``,
``%``, ``math`` and items of arrays, until NumPy 2.4.
"""

from __future__ import annotations

import ast
import copy
import functools
import importlib
import logging
import operator  # noqa: F401 for compiled sources
import os
import re
import sys
import tokenize
import types
from collections.abc import ItemsView, KeysView, ValuesView
from typing import Any

import numpy as np

from legacy_tf1.compat import evidence
from legacy_tf1.compat.registry import used

# Modules of Python 2 → what has their contents.
MODULES = {
    "cPickle": "legacy_tf1.compat.pickle2", "StringIO": "legacy_tf1.compat.stringio2",
    "cStringIO": "legacy_tf1.compat.stringio2", "Queue": "queue", "ConfigParser": "configparser",
    "Tkinter": "tkinter", "tkMessageBox": "tkinter.messagebox", "tkFileDialog": "tkinter.filedialog",
    "ttk": "tkinter.ttk", "urllib2": "urllib.request", "urlparse": "urllib.parse", "httplib": "http.client",
    "cookielib": "http.cookiejar", "Cookie": "http.cookies", "HTMLParser": "html.parser",
    "BaseHTTPServer": "http.server", "SimpleHTTPServer": "http.server", "SocketServer": "socketserver",
    "xmlrpclib": "xmlrpc.client", "commands": "subprocess", "thread": "_thread", "copy_reg": "copyreg",
    "__builtin__": "builtins", "exceptions": "builtins", "future_builtins": "builtins", "UserDict": "collections",
    "repr": "reprlib", "anydbm": "dbm",
    "Image": "PIL.Image", "ImageDraw": "PIL.ImageDraw", "ImageFont": "PIL.ImageFont",
}  # fmt: skip
# Built-in functions of Python 2, which a source may use that Python 3 can parse.
BUILTINS: dict[str, Any] = {
    "xrange": range, "unicode": str, "raw_input": input, "basestring": str, "long": int, "file": open, "unichr": chr,
    "reduce": functools.reduce, "reload": importlib.reload, "cmp": lambda one, two: (one > two) - (one < two),
    "intern": sys.intern,
}  # fmt: skip
HELPER = "__tf1__"  # what compiled sources call this module
# What only needs other words in Python 3. Methods and modules that went are put back when they are asked for.
FIXERS = [
    "apply", "asserts", "basestring", "buffer", "dict", "except", "exec", "execfile", "exitfunc", "filter",
    "funcattrs", "future", "idioms", "input", "intern", "long", "map", "metaclass", "methodattrs", "ne", "nonzero",
    "numliterals", "operator", "paren", "print", "raise", "raw_input", "repr", "set_literal", "standarderror",
    "sys_exc", "throw", "tuple_params", "types", "unicode", "xrange", "xreadlines", "zip",
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
    of_floats, of_whole = getattr(float, name), getattr(int, name.replace("truediv", "floordiv"))

    def operation(self: Quotient, *others: Any) -> Any:
        value = of_floats(float(self), *others)
        if not isinstance(value, float) or not all(map(_whole, others)):
            return value
        try:
            whole = of_whole(self.floor, *map(_floor, others))
        except ZeroDivisionError:  # by 1 / 2, which was none
            return value
        return Quotient(value, whole) if isinstance(whole, int) else value

    return operation


_REFLECTED = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
for _name in ("neg", "pos", "abs", *_REFLECTED, *(f"r{each}" for each in _REFLECTED)):
    setattr(Quotient, f"__{_name}__", _arithmetic(f"__{_name}__"))


def _is_integer(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))


def _whole(value: Any) -> bool:
    return isinstance(value, Quotient) or _is_integer(value)


def _floor(value: Any) -> int:
    return value.floor if isinstance(value, Quotient) else int(value)


def divide(one: Any, two: Any) -> Any:
    """``one / two`` in a source that Python 3 can parse."""
    if _is_integer(one) and _is_integer(two) and two != 0:
        return Quotient(one / two, int(one // two))
    return one / two


def divide_whole(one: Any, two: Any) -> Any:
    """``one / two`` in a source of Python 2."""
    return one // two if _counts(one) and _counts(two) else one / two


def _counts(value: Any) -> bool:
    """Whether Python 2 divided it as a whole number: numbers, and NumPy's arrays and TensorFlow's tensors of them."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iu"
    if type(value).__module__.startswith("tensorflow."):
        return bool(getattr(getattr(value, "dtype", None), "is_integer", False))
    return _is_integer(value)


def divide_in_place(one: Any, two: Any) -> Any:
    """``one /= two`` in a source that Python 3 can parse: an array is changed, whoever else holds it."""
    if _whole(one) and _whole(two):
        return divide(one, two)
    one /= two
    return one


def divide_whole_in_place(one: Any, two: Any) -> Any:
    """``one /= two`` in a source of Python 2."""
    if _counts(one) and _counts(two):
        one //= two
    else:
        one /= two
    return one


class _Key:
    """Gives what stands between the brackets: ``KEY[1:2, ...]``."""

    def __getitem__(self, key: Any) -> Any:
        return key


KEY = _Key()


class One(np.ndarray):
    """An array of one number that is printed as one, and is that number where a number is asked for."""

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    __index__ = __int__


def _is_one(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.size == 1 and value.ndim > 0


def number(value: Any) -> Any:
    """What ``float`` and its like are given: of an array of one number that number."""
    if not _is_one(value):
        return value
    used("an array of one number as that number")
    return value.item()


def remainder(one: Any, two: Any) -> Any:
    """``one % two``, where the numbers that a text takes may be arrays of one."""
    if not isinstance(one, str):
        return one % two
    try:
        return one % two
    except TypeError as error:
        wrong = error
    try:
        text = one % _ones(two)
    except TypeError:
        raise wrong from None
    used("an array of one number as that number")
    return text


def _ones(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_ones, value))
    if isinstance(value, dict):
        return {name: _ones(each) for name, each in value.items()}
    return value.view(One) if _is_one(value) else value


def put(value: Any, holder: Any, key: Any) -> None:
    """``holder[key] = value``, where an array's item may be given as an array of one."""
    if isinstance(holder, np.ndarray) and _is_one(value):
        try:
            holder[key] = value
        except ValueError:
            holder[key] = number(value)
    else:
        holder[key] = value


def _sort(values: Any) -> Any:
    """``list.sort``, whose first argument was a comparison."""

    def sort(cmp: Any = None, key: Any = None, reverse: bool = False) -> None:
        values.sort(key=functools.cmp_to_key(cmp) if cmp else key, reverse=reverse)

    return sort if isinstance(values, list) else values.sort


def sorted_as_before(values: Any, cmp: Any = None, key: Any = None, reverse: bool = False) -> list[Any]:
    """``sorted``, whose second argument was a comparison."""
    return sorted(values, key=functools.cmp_to_key(cmp) if cmp else key, reverse=reverse)


# Methods that went → what does the same, of the object; asked for only where the object has none of that name.
METHODS: dict[str, Any] = {
    "has_key": lambda d: d.__contains__,
    "iteritems": lambda d: lambda: iter(d.items()),
    "iterkeys": lambda d: lambda: iter(d.keys()),
    "itervalues": lambda d: lambda: iter(d.values()),
    "viewitems": lambda d: d.items, "viewkeys": lambda d: d.keys, "viewvalues": lambda d: d.values,
    "next": lambda iterator: iterator.__next__,
    "decode": lambda text: lambda *arguments, **options: text,  # text is Unicode already
    "tostring": lambda array: array.tobytes,
    "itemset": lambda array: lambda *place: array.__setitem__(place[:-1] if len(place) > 1 else ..., place[-1]),
    "ptp": lambda array: functools.partial(np.ptp, array),
    "newbyteorder": lambda array: lambda order="S": array.view(array.dtype.newbyteorder(order)),
    "isAlive": lambda thread: thread.is_alive,
    "getchildren": lambda element: lambda: list(element),
}  # fmt: skip


def method(value: Any, name: str) -> Any:
    """The method of an object, or what stands for one that went."""
    if name == "sort":
        return _sort(value)
    try:
        return getattr(value, name)
    except AttributeError:
        try:
            instead = METHODS[name](value)
        except AttributeError:
            instead = None
        if instead is None or (name == "decode" and not isinstance(value, str)):
            raise
        used(f"{type(value).__name__}.{name}")
        return instead


def listed(values: Any) -> Any:
    """What a dictionary's ``keys``, ``values`` or ``items`` give, as the list that it was."""
    if not isinstance(values, (KeysView, ValuesView, ItemsView)):
        return values
    used("a dictionary's keys, values or items as a list")
    return list(values)


def store(value: Any, holder: Any, column: Any, key: Any) -> None:
    """``holder[column][key] = value``, which changed a frame of pandas too as long as a column was no copy."""
    if not _has_column(holder, column):
        put(value, holder[column], key)
    elif isinstance(key, slice) and all(each is None or isinstance(each, int) for each in (key.start, key.stop)):
        holder.iloc[key, holder.columns.get_loc(column)] = value
    else:
        holder.loc[key, column] = value


def store_below(value: Any, holder: Any, name: str, key: Any) -> None:
    """``holder.name[key] = value``, likewise."""
    if _has_column(holder, name):
        store(value, holder, name, key)
    else:
        put(value, getattr(holder, name), key)


def _has_column(holder: Any, column: Any) -> bool:
    """Whether it is a frame of pandas with one column of this name."""
    if type(holder).__module__.split(".")[0] != "pandas" or getattr(holder, "ndim", 0) != 2:
        return False
    return isinstance(column, (str, int)) and column in holder.columns and holder.columns.is_unique


def _helper(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(_of_helper(name), list(arguments), [])


def _key(key: ast.expr) -> ast.expr:
    """What stands between brackets, as a value."""
    return ast.Subscript(_of_helper("KEY"), key, ast.Load())


def _of_helper(name: str) -> ast.Attribute:
    outer, _, inner = name.rpartition(".")
    return ast.Attribute(_of_helper(outer) if outer else ast.Name(HELPER, ast.Load()), inner, ast.Load())


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, str)


STORED: set[type[ast.expr]] = {ast.Subscript, ast.Name, ast.Attribute}
OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.MatMult: "matmul", ast.LShift: "lshift", ast.RShift: "rshift", ast.BitAnd: "and",
    ast.BitOr: "or", ast.BitXor: "xor",
}  # fmt: skip


class _AsBefore(ast.NodeTransformer):
    """Divisions, calls of methods that may be gone, and places where an array of one number was that number.

    Args:
        division: name of the function that divides; None where the source asked for today's division.
        frames: whether the source has frames of pandas.
    """

    def __init__(self, division: str | None, *, frames: bool) -> None:
        self._division, self._frames = division, frames

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        match node.targets:
            case [ast.Subscript(ast.Subscript(holder, column), key)] if self._frames:
                call = _helper("store", node.value, holder, _key(column), _key(key))
            case [ast.Subscript(ast.Attribute(holder, name), key)] if self._frames and not name.startswith("__"):
                call = _helper("store_below", node.value, holder, ast.Constant(name), _key(key))
            case [ast.Subscript(holder, key)]:
                call = _helper("put", node.value, holder, _key(key))
            case [ast.Tuple(parts)] if {ast.Subscript} <= {*map(type, parts)} <= STORED:
                return self._unpacked(node, parts)
            case _:
                return node
        return ast.copy_location(ast.Expr(call), node)

    def _unpacked(self, node: ast.Assign, parts: list[ast.expr]) -> list[ast.stmt]:
        """``a[i], i = ...``: all to names first, from which they are stored in their order."""
        names = [f"__tf1_part_{place}__" for place in range(len(parts))]
        first = ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store())
        statements: list[ast.stmt] = [ast.Assign([first], node.value)]
        for name, part in zip(names, parts, strict=True):
            held = ast.Name(name, ast.Load())
            if isinstance(part, ast.Subscript):
                statements.append(ast.Expr(_helper("put", held, part.value, _key(part.slice))))
            else:
                statements.append(ast.Assign([part], held))
        return [ast.copy_location(each, node) for each in statements]

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if self._division and isinstance(node.op, ast.Div):
            name = self._division
        elif isinstance(node.op, ast.Mod) and not (_is_number(node.left) or _is_number(node.right)):
            name = "remainder"
        else:
            return node
        return ast.copy_location(_helper(name, node.left, node.right), node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        if self._division and isinstance(node.op, ast.Div):
            function = f"{self._division}_in_place"
        elif isinstance(node.target, ast.Subscript) and not _is_number(node.value):
            function = f"operator.i{OPERATORS[type(node.op)]}"
        else:
            return node
        before: list[tuple[str, ast.expr]] = []  # evaluated once, as in the statement
        target: ast.expr
        match node.target:
            case ast.Attribute(value, name):
                before = [("__tf1_target__", value)]
                target = ast.Attribute(ast.Name("__tf1_target__", ast.Load()), name, ast.Load())
            case ast.Subscript(value, key):
                before = [("__tf1_target__", value), ("__tf1_key__", _key(key))]
                held, at = (ast.Name(each, ast.Load()) for each, _ in before)
                target = ast.Subscript(held, at, ast.Load())
            case ast.Name(name):
                target = ast.Name(name, ast.Load())
        call = _helper(function, target, node.value)
        statements: list[ast.stmt] = [ast.Assign([ast.Name(name, ast.Store())], value) for name, value in before]
        if isinstance(target, ast.Subscript):
            statements.append(ast.Expr(_helper("put", call, held, at)))
        else:
            stored = copy.copy(target)
            stored.ctx = ast.Store()
            statements.append(ast.Assign([stored], call))
        return [ast.copy_location(each, node) for each in statements]

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        match node.value:
            case ast.Call(ast.Attribute(_, "keys" | "values" | "items"), [], []):
                node.value = ast.copy_location(_helper("listed", node.value), node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node.func:
            case ast.Attribute(value, name) if name in METHODS or (name == "sort" and node.args):
                function: ast.expr = _helper("method", value, ast.Constant(name))
            case ast.Name("int" | "float" | "complex" | "round") | ast.Attribute(ast.Name("math"), _):
                return self._of_numbers(node)
            case ast.Attribute(ast.Name("np" | "numpy"), "int" | "float"):
                return self._of_numbers(node)
            case ast.Name("sorted") if len(node.args) > 1 or any(each.arg == "cmp" for each in node.keywords):
                function = _of_helper("sorted_as_before")
            case _:
                return node
        node.func = ast.copy_location(function, node.func)
        return node

    def _of_numbers(self, node: ast.Call) -> ast.Call:
        plain = (ast.Constant, ast.Starred)
        node.args = [
            each if isinstance(each, plain) else ast.copy_location(_helper("number", each), each) for each in node.args
        ]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
        if {"next", "__iter__"} <= methods and "__next__" not in methods:
            node.body.append(ast.copy_location(ast.parse("__next__ = next").body[0], node.body[-1]))
        return node


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
    file = os.path.basename(path)
    of_future = re.findall(r"from\s+__future__\s+import\s+(\([^)]*\)|(?:[^\n\\]|\\\n)*)", source)
    division: str | None = "divide"
    wrong: SyntaxError | None = None
    try:
        tree = ast.parse(source, path)
        older = evidence.is_python_2(tree, source)
    except SyntaxError as error:
        older, wrong = True, error
    if older:
        try:
            text, lines_of_source = _translated(source, path, prints=wrong is not None)
            tree = ast.parse(text, path)
        except SyntaxError:
            raise wrong or SyntaxError(f"{path}: neither Python 2 nor Python 3") from None
        for node in ast.walk(tree):
            for end in ("lineno", "end_lineno"):
                if (line := getattr(node, end, None)) in lines_of_source:
                    setattr(node, end, lines_of_source[line])
        print(f"{file} is of Python 2: translated in memory, the file stays as it is.", file=sys.stderr)
        used(f"{file}: Python 2", place=path)
        division = "divide_whole"
    if any(re.search(r"\bdivision\b", each) for each in of_future):
        division = None
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    lines = [f"from legacy_tf1.compat import python2 as {HELPER}"]
    for name in sorted(named & set(BUILTINS)):
        used(f"{file}: {name} of Python 2", place=path)
        lines.append(f"{name} = {HELPER}.BUILTINS[{name!r}]")
    tree = _AsBefore(division, frames="pandas" in source).visit(tree)
    place = _after_docstring(tree)
    tree.body[place:place] = ast.parse("\n".join(lines)).body
    return compile(ast.fix_missing_locations(tree), path, "exec")


def _after_docstring(tree: ast.Module) -> int:
    """Where a statement can stand first: after the docstring and what comes from the future."""
    for place, node in enumerate(tree.body):
        docstring = place == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not (docstring or (isinstance(node, ast.ImportFrom) and node.module == "__future__")):
            return place
    return len(tree.body)


def translated(source: str, path: str, *, prints: bool = True) -> str:
    """A source of Python 2 in Python 3; what is neither comes back as it is.

    Its lines are the same, but where a function unpacks a parameter and begins with a loop or the like: there they are
    by one too many as far as the next blank line.

    Args:
        source: its text.
        path: for messages.
        prints: whether ``print`` may be a statement in it.
    """
    return _translated(source, path, prints=prints)[0]


def _translated(source: str, path: str, *, prints: bool) -> tuple[str, dict[int, int]]:
    """The same, and for lines of it that are elsewhere in the source: where."""
    from fissix import pgen2, refactor

    logging.getLogger("RefactoringTool").setLevel(logging.ERROR)
    fixers = [f"fissix.fixes.fix_{name}" for name in FIXERS if prints or name != "print"]
    tool = refactor.RefactoringTool(fixers, {"print_function": not prints})
    # In Python 2 a tab reached to the next multiple of eight.
    expanded = re.sub(r"^[ \t]+", lambda indent: indent[0].expandtabs(8), source, flags=re.MULTILINE)
    try:
        return _on_its_lines(tool.refactor_string(expanded + "\n", path))
    except (pgen2.parse.ParseError, pgen2.tokenize.TokenError):
        return expanded, {}


COMPOUND = re.compile(r"\s*(if|for|while|with|try|def|class|async|match|@)\b|\s*@")


def _on_its_lines(tree: Any) -> tuple[str, dict[int, int]]:
    """The text of a translated tree, every token on the line that it had: fixers add and remove lines.

    Also, for the lines where that cannot be: which they were.
    """
    text, was, inside = "", dict[int, int](), set[int]()  # was: line of the text → of the source
    for leaf in tree.leaves():
        text += leaf.prefix
        line = text.count("\n") + 1
        if leaf.value.strip() and leaf.lineno:
            was.setdefault(line, leaf.lineno)
            inside.update(range(line + 1, line + leaf.value.count("\n") + 1))
        text += leaf.value
    lines, kept, elsewhere = text.split("\n"), list[str](), dict[int, int]()
    for number, line in enumerate(lines, 1):
        place = was.get(number)
        if place is not None and number not in inside:
            kept += [""] * (place - len(kept) - 1)
            if place <= len(kept) and number - 1 not in inside:
                while place <= len(kept) and re.fullmatch(r"\s*(#.*)?", kept[-1]):
                    kept.pop()
                indent = re.match(r"\s*", line)[0]  # type: ignore[index]
                if place <= len(kept) and not COMPOUND.match(line) and _is_beside(kept[-1], indent):
                    kept[-1] += f"; {line.strip()}"
                    continue
        kept.append(line)
        if place is not None and place != len(kept):
            elsewhere[len(kept)] = place
    return "\n".join(kept), elsewhere


def _is_beside(line: str, indent: str) -> bool:
    """Whether a statement can go on in this line after a semicolon."""
    return line.startswith(indent) and line[len(indent) :][:1] == "(" and not COMPOUND.match(line)
