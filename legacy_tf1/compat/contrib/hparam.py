"""``tf.contrib.training.HParams``: hyperparameters by name, with types."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from legacy_tf1.compat.registry import adds

# "name=value", "name[2]=value" or "name=[value, value]", after a comma or first.
_ASSIGNMENT = re.compile(r"\s*(?P<name>[A-Za-z_][\w.]*)\s*(\[\s*(?P<place>\d+)\s*\])?\s*=\s*"
                         r"(\[(?P<list>[^\]]*)\]|(?P<value>[^,\[]*))\s*($|,)")  # fmt: skip


def _cast(name: str, kind: type, value: Any) -> Any:
    if value is None or kind is type(None):
        return value
    if kind is bool:
        if isinstance(value, str):
            if value.lower() in ("true", "1"):
                return True
            if value.lower() in ("false", "0"):
                return False
        elif isinstance(value, (bool, int)) and value in (0, 1):
            return bool(value)
    elif kind is str:
        if isinstance(value, str):
            return value
    elif not isinstance(value, bool):
        # A fraction is not to be cut off.
        whole = kind is not int or not isinstance(value, float) or value.is_integer()
        if whole:
            try:
                return kind(value)
            except (TypeError, ValueError):
                pass
    raise ValueError(f"hyperparameter {name} is of type {kind.__name__}, and {value!r} is not")


@adds("contrib.training.parse_values")
def parse_values(values: str, type_map: Mapping[str, type], ignore_unknown: bool = False) -> dict[str, Any]:
    """Read ``"rate=0.1,sizes=[1,2],sizes[0]=3"``.

    Args:
        values: the text.
        type_map: the name of each and its type, that of the elements where it is a list.
        ignore_unknown: whether names that are not in the map are left out.

    Raises:
        ValueError: the text is not of that form, or a name is unknown, or a value not of its type.
    """
    found: dict[str, Any] = {}
    end = 0
    while end < len(values):
        match = _ASSIGNMENT.match(values, end)
        if match is None:
            raise ValueError(
                f"hyperparameters are written name=value,name=[value,value], and this is not: {values[end:]}"
            )
        end = match.end()
        name = match["name"]
        if name not in type_map:
            if ignore_unknown:
                continue
            raise ValueError(f"there is no hyperparameter {name}; there are {', '.join(sorted(type_map)) or 'none'}")
        kind = type_map[name]
        if match["list"] is not None:
            items = [each.strip() for each in re.split("[ ,]+", match["list"].strip()) if each.strip()]
            found[name] = [_cast(name, kind, each) for each in items]
        elif match["place"] is not None:
            places = found.setdefault(name, {})
            if not isinstance(places, dict) or int(match["place"]) in places:
                raise ValueError(f"{name} has two values in {values}")
            places[int(match["place"])] = _cast(name, kind, match["value"].strip())
        elif name in found:
            raise ValueError(f"{name} has two values in {values}")
        else:
            found[name] = _cast(name, kind, match["value"].strip())
    return found


@adds("contrib.training.HParams", "contrib.training.python.training.hparam.HParams")
class HParams:
    """Hyperparameters by name: attributes whose types stay what they were first.

    Args:
        hparam_def: not used.
        model_structure: whatever belongs to it.
        **kwargs: names and values.
    """

    def __init__(self, hparam_def: Any = None, model_structure: Any = None, **kwargs: Any) -> None:
        self._hparam_types: dict[str, tuple[type, bool]] = {}
        self._model_structure = model_structure
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name: str, value: Any) -> None:
        """One more.

        Raises:
            ValueError: there is something of that name, or an empty list, whose type nobody knows.
        """
        if getattr(self, name, None) is not None:
            raise ValueError(f"a hyperparameter cannot be called {name}: HParams has something of that name")
        if isinstance(value, (list, tuple)):
            if not value:
                raise ValueError(f"hyperparameter {name} is an empty list, which does not say the type of its elements")
            self._hparam_types[name] = (type(value[0]), True)
        else:
            self._hparam_types[name] = (type(value), False)
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """Another value for one.

        Raises:
            KeyError: there is none of that name.
            ValueError: the value is not of its type.
        """
        kind, listed = self._hparam_types[name]
        if isinstance(value, list) != listed and not (listed and isinstance(value, tuple)):
            raise ValueError(f"hyperparameter {name} {'is a list' if listed else 'has one value'}, unlike {value!r}")
        setattr(self, name, [_cast(name, kind, each) for each in value] if listed else _cast(name, kind, value))

    def del_hparam(self, name: str) -> None:
        """Take one away."""
        if name in self._hparam_types:
            delattr(self, name)
            del self._hparam_types[name]

    def override_from_dict(self, values_dict: Mapping[str, Any]) -> HParams:
        """Other values for some; returns itself."""
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def parse(self, values: str) -> HParams:
        """Other values for some, as in :func:`parse_values`; returns itself."""
        for name, value in parse_values(values, {name: kind for name, (kind, _) in self._hparam_types.items()}).items():
            if isinstance(value, dict):
                items = list(getattr(self, name))
                for place, each in value.items():
                    items[place] = each
                value = items
            self.set_hparam(name, value)
        return self

    def parse_json(self, values_json: str) -> HParams:
        """The same of JSON."""
        return self.override_from_dict(json.loads(values_json))

    def to_json(
        self, indent: Any = None, separators: Any = None, sort_keys: bool = False, filter_fn: Any = None
    ) -> str:
        """All of them as JSON; callables are left out."""
        kept = {name: value for name, value in self.values().items() if not callable(value)}
        if filter_fn is not None:
            kept = {name: value for name, value in kept.items() if filter_fn(name, value)}
        return json.dumps(kept, indent=indent, separators=separators, sort_keys=sort_keys)

    def values(self) -> dict[str, Any]:
        """All of them."""
        return {name: getattr(self, name) for name in self._hparam_types}

    def get(self, key: str, default: Any = None) -> Any:
        """One of them, or the default where there is none of that name."""
        if key not in self._hparam_types:
            return default
        return getattr(self, key)

    def get_model_structure(self) -> Any:
        """What was given as such."""
        return self._model_structure

    def set_model_structure(self, model_structure: Any) -> None:
        """Another."""
        self._model_structure = model_structure

    def __contains__(self, key: str) -> bool:
        return key in self._hparam_types

    def __iter__(self) -> Any:
        return iter(sorted(self.values()))

    def __str__(self) -> str:
        return str(sorted(self.values().items()))

    def __repr__(self) -> str:
        return f"HParams({self})"
