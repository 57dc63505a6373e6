"""What an optimizer remembers, between TF1's slots and Keras's variables.

TF1 keeps Adam's m and v beside each variable ("NAME/Adam", "NAME/Adam_1") and the powers of β as two variables of their
own; momentum is an accumulator a = μ·a + g there, and m = μ·m − learning rate·g in Keras.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tfport.errors import UserError
from tfport.training.optimizers import value_of

POWER = re.compile(r"(?:^|/)beta([12])_power(?:_\d+)?$")
STEP = "global_step"
SUFFIXES = {
    "Adam", "Adam_1", "Momentum", "RMSProp", "RMSProp_1", "Adagrad", "Adadelta", "Adadelta_1", "Ftrl", "Ftrl_1",
    "ExponentialMovingAverage",
}  # fmt: skip


def is_slot(name: str, arrays: Mapping[str, Any]) -> bool:
    """Whether an array belongs to an optimizer: to another array, under which or under whose scope it stands."""
    owner, _, suffix = name.rpartition("/")
    return suffix in SUFFIXES and any(owner == each or owner.endswith(f"/{each}") for each in arrays)


def is_counter(name: str) -> bool:
    """Whether an array is a power of β or the number of steps."""
    return POWER.search(name) is not None or name.rpartition("/")[2] == STEP


def kept_by(optimizer: Any) -> list[tuple[str, list[Any], float]]:
    """Suffix of a slot, Keras's variables for it, and by what TF1's values are to be multiplied for them.

    Empty for optimizers other than Adam and gradient descent with momentum: TF1 and Keras remember other things.
    """
    kind = {each.__name__ for each in type(optimizer).__mro__}
    if "Adam" in kind and hasattr(optimizer, "_momentums"):
        return [("Adam", optimizer._momentums, 1.0), ("Adam_1", optimizer._velocities, 1.0)]
    if "SGD" in kind and float(getattr(optimizer, "momentum", 0) or 0) > 0 and not optimizer.nesterov:
        rate = float(np.asarray(value_of(optimizer.learning_rate)))
        return [("Momentum", optimizer.momentums, -rate)]
    return []


def to_assign(
    optimizer: Any, names: Sequence[str], arrays: Mapping[str, Sequence[int]], read: Any
) -> list[tuple[Any, Any]]:
    """What makes an optimizer what TF1's was.

    Args:
        optimizer: built.
        names: of the trainable weights' arrays, in their order.
        arrays: name → shape, of the whole checkpoint.
        read: name → value.

    Returns:
        Variables and values; empty where the checkpoint has no such slots.

    Raises:
        UserError: it has some of them, or those of more than one optimizer.
    """
    updates: list[tuple[Any, Any]] = []
    kept = kept_by(optimizer)
    found = [[_slot(name, suffix, arrays) for name in names] for suffix, _, _ in kept]
    if not any(name for part in found for name in part):
        return []
    for (suffix, variables, factor), part in zip(kept, found, strict=True):
        for name, slot, variable in zip(names, part, variables, strict=True):
            if slot is None or tuple(arrays[slot]) != tuple(variable.shape):
                raise UserError(
                    f"the checkpoint has no slot {suffix} for {name}; take its weights alone (optimizer=False)"
                )
            updates.append((variable, factor * read(slot) if factor != 1 else read(slot)))
    if kept[0][0] != "Adam":
        return updates
    powers = sorted((name for name in arrays if POWER.search(name)), key=lambda name: POWER.search(name)[1])  # type: ignore[index]
    if [POWER.search(name)[1] for name in powers] != ["1", "2"]:  # type: ignore[index]
        what = f"{len(powers)} powers of β ({', '.join(powers)})" if powers else "no powers of β"
        raise UserError(f"the checkpoint has {what}, one Adam has two; take its weights alone (optimizer=False)")
    large = [name for name in powers if tuple(arrays[name]) != ()]
    if large:
        raise UserError(f"the checkpoint's {large[0]} is no single number; take its weights alone (optimizer=False)")
    values = [read(name) for name in powers]
    own = getattr(optimizer, "_powers", None)
    if own:
        updates += zip(own, values, strict=True)
    step = steps_of(float(values[1]), float(optimizer.beta_2))
    if step is None and not own:
        raise UserError(
            "the checkpoint's powers of β are 0: how many updates there were cannot be told (optimizer=False)"
        )
    if step is not None:
        updates.append((optimizer.iterations, step))
    return updates


def steps_of(power: float, beta: float) -> int | None:
    """Updates after which TF1 holds this power of β: after k it is β^(k + 1); None where it has sunk to 0."""
    if not np.finfo(np.float32).tiny < power < 1:
        return None
    return round(math.log(power) / math.log(np.float32(beta))) - 1


def to_write(optimizer: Any, names: Sequence[str], powers: Sequence[str]) -> dict[str, np.ndarray]:
    """The arrays that TF1 keeps for an optimizer, by name.

    Args:
        optimizer: built.
        names: of the trainable weights' arrays, in their order.
        powers: names of the two powers.

    Raises:
        UserError: its learning rate is 0, and TF1's momentum cannot be told from Keras's.
    """
    kept = kept_by(optimizer)
    if any(factor == 0 for _, _, factor in kept):
        raise UserError("at a learning rate of 0 TF1's momentum cannot be told; write weights alone (optimizer=False)")
    arrays = {
        f"{name}/{suffix}": np.asarray(value_of(variable).numpy() / factor, np.float32)
        for suffix, variables, factor in kept
        for name, variable in zip(names, variables, strict=True)
    }
    if kept and kept[0][0] == "Adam":
        steps = int(value_of(optimizer.iterations).numpy())
        own = getattr(optimizer, "_powers", None)
        for place, (name, beta) in enumerate(zip(powers, (optimizer.beta_1, optimizer.beta_2), strict=True)):
            power = value_of(own[place]).numpy() if own else float(beta) ** (steps + 1)
            arrays[name] = np.asarray(power, np.float32)
    return arrays


def _slot(name: str, suffix: str, arrays: Mapping[str, Any]) -> str | None:
    """Its exact name; or, where the optimizer was made in a scope, the only one that ends so and is nobody else's."""
    exact = f"{name}/{suffix}"
    if exact in arrays:
        return exact
    ending = [each for each in arrays if each.endswith(f"/{exact}") and each.removesuffix(f"/{suffix}") not in arrays]
    return ending[0] if len(ending) == 1 else None
