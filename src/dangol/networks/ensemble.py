"""A trained ensemble as plain arrays; its Keras model is built when first asked for."""

from typing import Any

import numpy as np

CHUNK_ROWS = 4096


class TrainedEnsemble:
    """Architecture and weights: pickles and copies as NumPy arrays, computes through Keras.

    Args:
        architecture: keyword arguments of `model.Architecture`.
        weights: arrays in the order of the Keras model's ``get_weights()``.
    """

    def __init__(self, architecture: dict[str, Any], weights: list[np.ndarray]) -> None:
        self.architecture = architecture
        self.weights = weights
        self._forward: Any = None

    def keras_model(self) -> Any:
        """A new uncompiled functional Keras model with the trained weights, for export or serving."""
        from dangol.networks.model import Architecture, build_network

        network = build_network(Architecture(**self.architecture), seed=0)
        network.set_weights(self.weights)
        return network

    def raw_output(self, matrix: np.ndarray) -> np.ndarray:
        """Raw outputs (members, rows, n_outputs) float32 of a matrix (rows, n_inputs) float32."""
        if self._forward is None:
            self._forward = compiled_forward(self.keras_model())
        starts = range(0, len(matrix), CHUNK_ROWS)
        pieces = [self._forward(matrix[None, start : start + CHUNK_ROWS]).numpy() for start in starts]
        return np.concatenate(pieces, axis=1)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_forward": None}


def compiled_forward(network: Any) -> Any:
    """``network`` without dropout as one graph that takes any number of rows: no retracing."""
    from dangol.networks.backend import load_tensorflow

    tf = load_tensorflow()
    width = network.input_shape[-1]
    signature = [tf.TensorSpec((None, None, width), tf.float32)]
    return tf.function(lambda features: network(features, training=False), input_signature=signature)
