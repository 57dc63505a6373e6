"""Between TF1 and Keras: checkpoints both ways. And out of it: pictures that a trained run reads, exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfport.interop.checkpoints import NameMap, from_tf1_checkpoint, name_map, to_tf1_checkpoint

__all__ = ["NameMap", "from_tf1_checkpoint", "name_map", "to_tf1_checkpoint"]


def __getattr__(name: str) -> Any:
    # Not at once: checkpoints need TensorFlow, flags and pictures do not.
    if name in __all__:
        from tfport.interop import checkpoints

        return getattr(checkpoints, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
