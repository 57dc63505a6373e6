"""Keras callbacks: the dashboards of TensorBoard as TF1 programs fill them, for any Keras model, of Keras 2 or 3.

Each takes the folder of the run and how often it shall write; 0 is off, and costs nothing. Those that look into the
training step need a model that is compiled with ``jit_compile=False``.
"""

from __future__ import annotations

from tfport.callbacks.base import Callback, EveryStep
from tfport.callbacks.graphs import Graph, Profile
from tfport.callbacks.pictures import ConfusionMatrix, Misclassified
from tfport.callbacks.summaries import (
    Activations,
    Gradients,
    Images,
    KeepProbability,
    LearningRate,
    Scalars,
    TestEvaluation,
    Weights,
)
from tfport.callbacks.tutorial import mnist_with_summaries

__all__ = [
    "Activations",
    "Callback",
    "ConfusionMatrix",
    "EveryStep",
    "Gradients",
    "Graph",
    "Images",
    "KeepProbability",
    "LearningRate",
    "Misclassified",
    "Profile",
    "Scalars",
    "TestEvaluation",
    "Weights",
    "mnist_with_summaries",
]
