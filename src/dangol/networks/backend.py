"""The one door to Keras and TensorFlow: opened by the first fit or predict, never by an import of Dangol."""

import logging
import os
from typing import Any


def load_keras() -> Any:
    """The ``keras`` module on TensorFlow, imported late because that takes 7 to 13 seconds.

    TensorFlow logs to the file descriptor, past Python's logging; both variables are needed to keep
    notebook outputs clean, and a caller who has set them keeps his own values.

    Raises:
        RuntimeError: if Keras already runs on another backend in this process.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    logging.getLogger("tensorflow").addFilter(_is_worth_telling)
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {keras.backend.backend()!r}, expected 'tensorflow'. "
            "Unset KERAS_BACKEND (or set it to tensorflow) and start a new process."
        )
    return keras


def _is_worth_telling(entry: logging.LogRecord) -> bool:
    """Not that functions are traced again: each network is traced once, TensorFlow takes several for one."""
    return "tf.function retracing" not in entry.getMessage()


def load_tensorflow() -> Any:
    """The ``tensorflow`` module, imported through `load_keras` so that the log stays quiet."""
    load_keras()
    import tensorflow

    return tensorflow
