"""Between TF1 and Keras: checkpoints both ways."""

from tfport.interop.checkpoints import NameMap, from_tf1_checkpoint, name_map, to_tf1_checkpoint

__all__ = ["NameMap", "from_tf1_checkpoint", "name_map", "to_tf1_checkpoint"]
