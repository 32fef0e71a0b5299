"""Why a score is what it is: integrated gradients from the average customer to each row."""

from typing import Any

import numpy as np
import pandas as pd

from dangol.networks.backend import load_tensorflow
from dangol.networks.ensemble import TrainedEnsemble

PATH_POINTS = 32
CHUNK_ROWS = 512


def contributions_by_column(
    ensemble: TrainedEnsemble, preprocessor: Any, frame: pd.DataFrame, output: int = 0
) -> pd.DataFrame:
    """What each column adds to the logit of one binary output, against the average training row.

    Args:
        ensemble: a trained ensemble.
        preprocessor: the fitted encoding of ``frame``.
        frame: rows with the training columns.
        output: position of the output among those of the network.

    Returns:
        One row per row of ``frame``, one column per training column (0 where the network had no use for
        it) and ``baseline_logit``, the same everywhere; each row sums to the logit of the score.
    """
    if "baseline_logit" in frame.columns:
        raise ValueError(
            "a column is called 'baseline_logit', as one of the result is. Rename it, then refit."
        )
    inputs, baseline = integrated_gradients(ensemble, preprocessor.transform(frame), output)
    columns = pd.Index(preprocessor.sources_, dtype=object)
    by_input = pd.DataFrame(inputs, index=frame.index, columns=columns)
    by_column = by_input.T.groupby(level=0).sum().T.reindex(columns=frame.columns, fill_value=0.0)
    return by_column.assign(baseline_logit=baseline)


def integrated_gradients(
    ensemble: TrainedEnsemble, matrix: np.ndarray, output: int = 0
) -> tuple[np.ndarray, float]:
    """Contribution of every input to the logit of the ensemble's mean probability.

    The path runs straight from the zero input (every encoding at its training mean) to the row. The
    integral is a Gauss-Legendre sum; what it misses of the exact difference is spread over the inputs in
    proportion to the size of their contributions, so that rows add up exactly.

    Args:
        ensemble: a trained ensemble.
        matrix: (rows, inputs) float32.
        output: position of a binary output among those of the network.

    Returns:
        Contributions (rows, inputs) float64, and the logit at the zero input.

    Source:
        Sundararajan, Taly & Yan (2017), Axiomatic Attribution for Deep Networks.
    """
    logit_and_slope = _logit_and_slope(ensemble.keras_model(), output)
    baseline = float(logit_and_slope(np.zeros((1, matrix.shape[1]), "float32"))[0].numpy()[0])
    starts = range(0, len(matrix), CHUNK_ROWS)
    pieces = [_contributions(logit_and_slope, matrix[s : s + CHUNK_ROWS], baseline) for s in starts]
    return np.concatenate(pieces), baseline


def _contributions(logit_and_slope: Any, rows: np.ndarray, baseline: float) -> np.ndarray:
    points, weights = np.polynomial.legendre.leggauss(PATH_POINTS)
    slopes = np.zeros(rows.shape)
    for point, weight in zip((points + 1) / 2, weights / 2, strict=True):
        slopes += weight * logit_and_slope((point * rows).astype("float32"))[1].numpy()
    contributions = slopes * rows
    missed = logit_and_slope(rows)[0].numpy() - baseline - contributions.sum(axis=1)
    size = np.abs(contributions) + 1e-12
    return contributions + size / size.sum(axis=1, keepdims=True) * missed[:, None]


def _logit_and_slope(network: Any, output: int) -> Any:
    """Graph from rows (n, inputs) to the ensemble's logit (n,) and its gradient (n, inputs)."""
    tf = load_tensorflow()

    def ensemble_logit(rows: Any) -> Any:
        raw = network(rows[None], training=False)[..., output]
        log_yes, log_no = tf.math.log_sigmoid(raw), tf.math.log_sigmoid(-raw)
        return tf.reduce_logsumexp(log_yes, axis=0) - tf.reduce_logsumexp(log_no, axis=0)

    @tf.function(input_signature=[tf.TensorSpec((None, network.input_shape[-1]), tf.float32)])
    def logit_and_slope(rows: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(rows)
            logit = ensemble_logit(rows)
        return logit, tape.gradient(logit, rows)

    return logit_and_slope
