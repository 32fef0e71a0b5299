"""Keras layers that compute all members, or all folds, of an ensemble at once.

Importing this module imports Keras; only `model` does so, late.
"""

from typing import Any

import numpy as np

from dangol.networks.backend import load_keras, load_tensorflow

keras: Any = load_keras()

# He et al. (2015) for rectified units. A gain of 1 started too flat: .006 log loss worse on a table of
# 1,800 rows, where training ends before the kernels have grown.
HE_GAIN = 6.0


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


@keras.saving.register_keras_serializable(package="dangol")
class ByteDropout(keras.layers.Layer):
    """Dropout that draws one random byte per unit: a quarter of the random numbers of Keras's layer.

    Drawing them took a fifth of the training time. ``rate`` in [0, 1) is kept to 1/256. Any shape in, the
    same shape out.

    Source:
        Srivastava et al. (2014), Dropout, Journal of Machine Learning Research 15.
    """

    def __init__(self, rate: float, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate, self.seed = rate, seed
        self.silent_bytes = min(round(rate * 256), 255)
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Units kept and scaled up, or zero; unchanged outside training."""
        if not training or self.silent_bytes == 0:
            return inputs
        tf = load_tensorflow()
        n_units = tf.size(inputs)
        four_each = tf.random.stateless_uniform(
            [-(-n_units // 4)], tf.cast(self.seeds.next(), "int32"), None, None, tf.int32
        )
        drawn = tf.reshape(tf.reshape(tf.bitcast(four_each, tf.uint8), [-1])[:n_units], tf.shape(inputs))
        kept = drawn >= tf.constant(self.silent_bytes, tf.uint8)
        return tf.where(kept, inputs * (256 / (256 - self.silent_bytes)), 0.0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """As the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Arguments that rebuild the layer."""
        return super().get_config() | {"rate": self.rate, "seed": self.seed}


@keras.saving.register_keras_serializable(package="dangol")
class CausalConv(keras.layers.Layer):
    """A strided convolution over time with one kernel per fold; the last window ends at the latest week.

    Windows reach backwards only and start with zeros before the first week. Input
    ``(1 or n_kernels, rows, weeks, channels)``, output ``(n_kernels, rows, windows, units)``, old to new.
    """

    def __init__(
        self, units: int, width: int, stride: int, n_kernels: int, seed: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.units, self.width, self.stride = units, width, stride
        self.n_kernels, self.seed = n_kernels, seed

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create one dense layer over a window's values."""
        weeks, channels = input_shape[-2], input_shape[-1]
        assert weeks is not None
        assert channels is not None
        ends = np.arange(weeks - 1, -1, -self.stride)[::-1]
        self.windows = (ends[:, None] + np.arange(self.width)).astype(
            "int32"
        )  # into weeks padded by width - 1
        self.dense = MemberDense(self.units, self.n_kernels, self.n_kernels, gain=HE_GAIN, seed=self.seed)
        self.dense.build((None, None, self.width * channels))

    def call(self, inputs: Any) -> Any:
        """Outputs of every fold's kernel for each window."""
        ops = keras.ops
        rows, channels = ops.shape(inputs)[1], inputs.shape[-1]
        padded = ops.pad(inputs, [[0, 0], [0, 0], [self.width - 1, 0], [0, 0]])
        windows = ops.take(padded, self.windows, axis=2)
        flat = ops.reshape(windows, (ops.shape(inputs)[0], -1, self.width * channels))
        return ops.reshape(self.dense(flat), (self.n_kernels, rows, len(self.windows), self.units))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """``(n_kernels, rows, windows, units)``."""
        weeks = input_shape[-2]
        assert weeks is not None
        return (self.n_kernels, input_shape[1], -(-weeks // self.stride), self.units)

    def get_config(self) -> dict[str, Any]:
        """Arguments that rebuild the layer."""
        own = {key: getattr(self, key) for key in ("units", "width", "stride", "n_kernels", "seed")}
        return super().get_config() | own


@keras.saving.register_keras_serializable(package="dangol")
class PerFold(keras.layers.Layer):
    """Rows of members as rows of folds: every ``per_fold``-th along the first axis; one stays one."""

    def __init__(self, per_fold: int, n_weeks: int, n_channels: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.per_fold, self.n_weeks, self.n_channels = per_fold, n_weeks, n_channels

    def call(self, inputs: Any) -> Any:
        """``(1 or folds, rows, weeks, channels)`` from ``(1 or members, rows, inputs)``."""
        ops = keras.ops
        last = inputs[:: self.per_fold, :, -self.n_weeks * self.n_channels :]
        return ops.reshape(last, (ops.shape(last)[0], -1, self.n_weeks, self.n_channels))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """``(None, rows, weeks, channels)``."""
        return (None, input_shape[1], self.n_weeks, self.n_channels)

    def get_config(self) -> dict[str, Any]:
        """Arguments that rebuild the layer."""
        own = {key: getattr(self, key) for key in ("per_fold", "n_weeks", "n_channels")}
        return super().get_config() | own


@keras.saving.register_keras_serializable(package="dangol")
class PerMember(keras.layers.Layer):
    """What each fold made of the sequences, flattened and handed to the members of that fold."""

    def __init__(self, per_fold: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.per_fold = per_fold

    def call(self, inputs: Any) -> Any:
        """``(members, rows, windows * units)``."""
        ops = keras.ops
        folds, width = inputs.shape[0], inputs.shape[2] * inputs.shape[3]
        flat = ops.reshape(inputs, (folds, -1, width))
        return ops.repeat(flat, self.per_fold, axis=0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """``(members, rows, windows * units)``."""
        folds, rows, windows, units = input_shape
        assert folds is not None
        assert windows is not None
        assert units is not None
        return (folds * self.per_fold, rows, windows * units)

    def get_config(self) -> dict[str, Any]:
        """Arguments that rebuild the layer."""
        return super().get_config() | {"per_fold": self.per_fold}
