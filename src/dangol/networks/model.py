"""Shapes in, uncompiled Keras ensemble out: K small networks as one graph, logits per member.

Importing this module imports Keras; only `training` and `ensemble` do so, late.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dangol.networks.backend import load_keras

keras: Any = load_keras()

# He et al. (2015) for rectified units. A gain of 1 started too flat: .006 log loss worse on a table of
# 1,800 rows, where training ends before the kernels have grown.
HE_GAIN = 6.0


@dataclass(frozen=True)
class Architecture:
    """Everything the model's shape depends on.

    Attributes:
        n_inputs: width of the input matrix.
        n_outputs: raw outputs per member, as the head asks for.
        n_members: networks in the ensemble.
        n_kernels: hidden kernels; ``n_members / n_kernels`` neighbouring members share one.
        hidden: units of each hidden layer.
        dropout: share of hidden units silenced while training, in [0, 1).
    """

    n_inputs: int
    n_outputs: int
    n_members: int
    n_kernels: int
    hidden: tuple[int, ...]
    dropout: float


@keras.saving.register_keras_serializable(package="dangol")
class MemberDense(keras.layers.Layer):
    """A dense layer for every member at once: ``y_k = ((x_k * r_k) W) * s_k + b_k``.

    Members in one group share the kernel ``W`` and differ by the rank-one adapters ``r`` (random signs)
    and ``s`` (ones). With one member per kernel the adapters are left out: they add nothing.

    Kernels start uniform within ``sqrt(gain / inputs)``.

    Input ``(members or 1, rows, inputs)``, output ``(members, rows, units)``, float32.

    Source:
        Wen, Tran & Ba (2020), BatchEnsemble; Gorishniy, Kotelnikov & Babenko (2025), TabM.
    """

    def __init__(
        self, units: int, n_members: int, n_kernels: int, gain: float = 1.0, seed: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.units, self.n_members, self.n_kernels = units, n_members, n_kernels
        self.gain, self.seed = gain, seed

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights, drawn from this layer's own seed."""
        width = input_shape[-1]
        assert width is not None
        rng = np.random.default_rng(self.seed)
        bound = np.sqrt(self.gain / width)
        kernel = rng.uniform(-bound, bound, (self.n_kernels, width, self.units))
        self.kernel = self._weight("kernel", kernel)
        if self.n_kernels < self.n_members:
            signs = rng.choice([-1.0, 1.0], (self.n_members, 1, width))
            self.adapter_in = self._weight("adapter_in", signs)
            self.adapter_out = self._weight("adapter_out", np.ones((self.n_members, 1, self.units)))
        self.bias = self._weight("bias", np.zeros((self.n_members, 1, self.units)))

    def _weight(self, name: str, value: np.ndarray) -> Any:
        # a constant initializer would be written into saved configs; the values travel as weights
        weight = self.add_weight(shape=value.shape, initializer="zeros", name=name)
        weight.assign(value.astype("float32"))
        return weight

    def call(self, inputs: Any) -> Any:
        """Outputs of all members for their rows."""
        ops = keras.ops
        shared = self.n_kernels < self.n_members
        x = inputs * self.adapter_in if shared else inputs
        rows, width = ops.shape(x)[1], x.shape[-1]
        if shared:
            x = ops.reshape(x, (self.n_kernels, -1, width))
        x = ops.matmul(x, self.kernel)
        if shared:
            x = ops.reshape(x, (self.n_members, rows, self.units)) * self.adapter_out
        return x + self.bias

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """``(members, rows, units)``."""
        return (self.n_members, input_shape[1], self.units)

    def get_config(self) -> dict[str, Any]:
        """Arguments that rebuild the layer."""
        own = {key: getattr(self, key) for key in ("units", "n_members", "n_kernels", "gain", "seed")}
        return super().get_config() | own


def build_network(architecture: Architecture, seed: int) -> Any:
    """Uncompiled functional model from ``features`` to ``raw_output``, without a link function.

    Input ``features``: ``(1 or members, rows, n_inputs)`` float32 - the leading axis is the member, so
    that members can also be shown different rows. Output: ``(members, rows, n_outputs)`` float32.
    """
    features = keras.Input(shape=(None, architecture.n_inputs), name="features")
    x = features
    for depth, units in enumerate(architecture.hidden):
        x = MemberDense(
            units,
            architecture.n_members,
            architecture.n_kernels,
            gain=HE_GAIN,
            seed=seed + depth,
            name=f"hidden_{depth}",
        )(x)
        x = keras.layers.ReLU(name=f"relu_{depth}")(x)
        x = keras.layers.Dropout(architecture.dropout, seed=seed + depth, name=f"dropout_{depth}")(x)
    raw = MemberDense(
        architecture.n_outputs,
        architecture.n_members,
        architecture.n_members,
        seed=seed + len(architecture.hidden),
        name="raw_output",
    )(x)
    return keras.Model(features, raw, name="member_ensemble")
