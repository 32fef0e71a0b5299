"""The ensemble's training loop: one graph per epoch, bagging by loss weights, averaged weights."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dangol.networks.backend import load_tensorflow
from dangol.networks.ensemble import TrainedEnsemble, compiled_forward
from dangol.networks.heads import Head

N_FOLDS = 5
BETA_1, BETA_2, EPSILON, WEIGHT_DECAY = 0.9, 0.99, 1e-7, 0.01
NOT_DECAYED = ("bias", "adapter_in", "adapter_out")
AVERAGED_EPOCHS = 2.0
MIN_BATCH, MAX_BATCH, BATCHES_PER_EPOCH = 32, 1024, 40


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train; ``deadline_s`` is seconds for the loop, None without limit."""

    learning_rate: float
    max_epochs: int
    patience: int
    deadline_s: float | None
    seed: int
    on_epoch: Callable[[int, float, float], None] | None


@dataclass(frozen=True)
class Rows:
    """Training or validation rows: matrix (n, inputs) and encoded target (n, k) float32, weight (n,)."""

    matrix: np.ndarray
    target: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True)
class TrainingResult:
    """The best epoch's averaged weights and its raw output on the validation rows; the loss curve."""

    ensemble: TrainedEnsemble
    validation_raw: np.ndarray
    history: list[tuple[int, float, float]]
    best_epoch: int


def stratified_folds(
    strata: np.ndarray, n_folds: int, rng: np.random.Generator, groups: np.ndarray | None = None
) -> np.ndarray:
    """Fold (n,) of every row; each stratum is dealt out evenly.

    Without groups all folds differ by one row at most. With groups (n,) int64 all rows of a group
    share a fold, and groups are dealt out by their mean stratum.

    Raises:
        ValueError: if there are fewer groups than folds.
    """
    if groups is not None:
        n_groups = int(groups.max()) + 1
        if n_groups < n_folds:
            raise ValueError(f"expected at least {n_folds} groups, received {n_groups}. Leave groups out.")
        means = np.bincount(groups, strata) / np.bincount(groups)
        return stratified_folds(means, n_folds, rng)[groups]
    shuffled = rng.permutation(len(strata))
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    folds = np.empty(len(strata), dtype="int64")
    folds[order] = np.arange(len(strata)) % n_folds
    return folds


def batch_size(n_rows: int) -> int:
    """Power of two near ``n_rows / 40``, within 32 and 1024, never more than the rows.

    >>> batch_size(4_000), batch_size(20), batch_size(10**6)
    (128, 20, 1024)
    """
    power = 2 ** int(np.round(np.log2(max(n_rows, 1) / BATCHES_PER_EPOCH)))
    return min(n_rows, int(np.clip(power, MIN_BATCH, MAX_BATCH)))


class OutOfFold:
    """Validates every row on the members that never trained on it.

    Members are ordered by fold, so member ``k`` holds out fold ``k // (n_members / n_folds)``. For
    validation each is shown its own fold's rows only, padded to equal length. ``pools`` are the rows that
    the members of each fold learn from.
    """

    def __init__(self, rows: Rows, folds: np.ndarray, n_members: int) -> None:
        self.rows, self.n_folds = rows, int(folds.max()) + 1
        self.fold_rows = [np.flatnonzero(folds == fold) for fold in range(self.n_folds)]
        self.per_fold = n_members // self.n_folds
        self.member_fold = np.repeat(np.arange(self.n_folds), self.per_fold)
        longest = max(len(rows) for rows in self.fold_rows)
        padded = np.stack([np.resize(fold, longest) for fold in self.fold_rows])
        self.member_matrix = rows.matrix[padded[self.member_fold]]
        self.pools = [np.flatnonzero(folds != fold) for fold in range(self.n_folds)]

    def raw_output(self, forward: Any) -> np.ndarray:
        """Raw outputs (members per fold, n, n_outputs): each row seen by its own fold's members."""
        raw = forward(self.member_matrix).numpy()
        out = np.empty((self.per_fold, len(self.rows.matrix), raw.shape[-1]), dtype="float32")
        for fold, members in enumerate(np.arange(len(raw)).reshape(self.n_folds, -1)):
            out[:, self.fold_rows[fold]] = raw[members, : len(self.fold_rows[fold])]
        return out


class HeldOut:
    """Validates on rows given by the caller; every member trains on all training rows, one pool."""

    def __init__(self, rows: Rows, train: Rows) -> None:
        self.rows = rows
        self.pools = [np.arange(len(train.matrix))]

    def raw_output(self, forward: Any) -> np.ndarray:
        """Raw outputs (members, validation rows, n_outputs)."""
        return forward(self.rows.matrix[None]).numpy()


def train(
    architecture: dict[str, Any],
    head: Head,
    rows: Rows,
    validation: OutOfFold | HeldOut,
    schedule: Schedule,
    starting_scale: np.ndarray | None = None,
) -> TrainingResult:
    """Train until the ensemble's validation loss stops improving; return the best epoch's weights.

    Validated and returned is an exponential moving average of the weights over about two epochs.
    ``starting_scale`` (members, 1, inputs) is the size of the first layer's adapters before training.

    Raises:
        ValueError: if the loss is not finite after the first epoch.
    """
    started = time.monotonic()
    network, averaged = _twin_networks(architecture, head, schedule.seed, starting_scale)
    rng = np.random.default_rng(schedule.seed)
    n_steps = -(-len(rows.matrix) // batch_size(len(rows.matrix)))
    run_epoch = _epoch_function(network, averaged, head, rows, schedule.learning_rate, n_steps)
    forward = compiled_forward(averaged)
    history: list[tuple[int, float, float]] = []
    best_loss, best_epoch = np.inf, 0
    for epoch in range(1, schedule.max_epochs + 1):
        train_loss = float(run_epoch(_epoch_order(validation.pools, n_steps, rng)))
        raw = validation.raw_output(forward)
        losses = head.ensemble_loss(validation.rows.target, raw)
        val_loss = float(np.average(losses, weights=validation.rows.weight))
        history.append((epoch, train_loss, val_loss))
        if schedule.on_epoch is not None:
            schedule.on_epoch(epoch, train_loss, val_loss)
        if val_loss < best_loss:
            best_loss, best_epoch, best_raw, best_weights = val_loss, epoch, raw, averaged.get_weights()
        if epoch - best_epoch >= schedule.patience or _time_is_up(started, epoch, schedule.deadline_s):
            break
    if not np.isfinite(best_loss):
        raise ValueError(
            "the validation loss was never finite. Lower learning_rate, or look for extreme targets."
        )
    return TrainingResult(TrainedEnsemble(architecture, best_weights), best_raw, history, best_epoch)


def _time_is_up(started: float, epochs: int, deadline_s: float | None) -> bool:
    """Whether one more epoch of the usual length would pass the deadline."""
    elapsed = time.monotonic() - started
    return deadline_s is not None and elapsed * (epochs + 1) / epochs > deadline_s


def _epoch_order(pools: list[np.ndarray], n_steps: int, rng: np.random.Generator) -> np.ndarray:
    """Row numbers (steps, pools, batch) int32: every row of a pool once, its last batches filled up."""
    size = -(-max(len(pool) for pool in pools) // n_steps)
    filled = [
        np.concatenate([rng.permutation(pool), rng.choice(pool, n_steps * size - len(pool))])
        for pool in pools
    ]
    return np.stack(filled).reshape(len(pools), n_steps, size).swapaxes(0, 1).astype("int32")


def _twin_networks(
    architecture: dict[str, Any], head: Head, seed: int, starting_scale: np.ndarray | None
) -> tuple[Any, Any]:
    """The network that is trained and its running average, both at the head's starting output."""
    from dangol.networks.model import Architecture, build_network

    network, averaged = (build_network(Architecture(**architecture), seed) for _ in range(2))
    bias = network.get_layer("raw_output").bias
    bias.assign(np.broadcast_to(head.start, bias.shape).astype("float32"))
    if starting_scale is not None:
        signs = network.get_layer("hidden_0").adapter_in
        signs.assign(signs.numpy() * starting_scale.astype("float32"))
    averaged.set_weights(network.get_weights())
    return network, averaged


def _epoch_function(
    network: Any, averaged: Any, head: Head, rows: Rows, learning_rate: float, n_steps: int
) -> Any:
    """One epoch as one TensorFlow function: row order in, mean training loss per member out."""
    tf = load_tensorflow()
    matrix, target = tf.constant(rows.matrix), tf.constant(rows.target)
    weight = tf.constant((rows.weight / rows.weight.mean()).astype("float32"))
    update = _update_function(network, averaged, learning_rate, n_steps)
    n_members = network.output_shape[0]

    # plain graph code: AutoGraph has nothing to convert here and stumbles over Python's os.environ
    @tf.autograph.experimental.do_not_convert
    def train_step(batch: Any) -> Any:
        # a pool's members learn from the same rows; the only pool need not be copied for each of them
        if batch.shape[0] > 1:
            batch = tf.repeat(batch, n_members // batch.shape[0], axis=0)
        with tf.GradientTape() as tape:
            raw = network(tf.gather(matrix, batch), training=True)
            losses = head.loss(tf.gather(target, batch), raw) * tf.gather(weight, batch)
            per_member = tf.reduce_mean(losses, axis=1)
            # a sum over members: the gradient of one does not depend on how many there are
            objective = tf.reduce_sum(per_member)
        update(tape.gradient(objective, network.trainable_variables))
        return tf.reduce_mean(per_member)

    @tf.function
    def run_epoch(order: Any) -> Any:
        total = tf.constant(0.0)
        for step in tf.range(n_steps):
            total += train_step(order[step])
        return total / float(n_steps)

    return lambda order: run_epoch(tf.constant(order))


def _update_function(network: Any, averaged: Any, learning_rate: float, n_steps: int) -> Any:
    """One step of AdamW on ``network`` and of the running average in ``averaged``: gradients in.

    TensorFlow's kernel updates a weight and its moments in one pass; the optimizer of Keras makes some
    twenty small operations of it, a fifth of the time of a small network.
    """
    tf = load_tensorflow()
    weights = [weight.value for weight in network.trainable_variables]
    means = [weight.value for weight in averaged.trainable_variables]
    moments = [[tf.Variable(tf.zeros_like(weight)) for weight in weights] for _ in range(2)]
    decays = [weight.name not in NOT_DECAYED for weight in network.trainable_variables]
    step_count = tf.Variable(0.0)
    slowest = float(np.exp(-1.0 / (AVERAGED_EPOCHS * n_steps)))

    def update(gradients: Any) -> None:
        step_count.assign_add(1.0)
        powers = {"beta1_power": BETA_1**step_count, "beta2_power": BETA_2**step_count}
        # early on the average is short, or it would remember the random start
        share = 1.0 - tf.minimum(slowest, step_count / (step_count + 10.0))
        for weight, first, second, gradient, mean, decayed in zip(
            weights, *moments, gradients, means, decays, strict=True
        ):
            if decayed:
                weight.assign(weight * (1.0 - learning_rate * WEIGHT_DECAY))
            tf.raw_ops.ResourceApplyAdam(
                var=weight.handle,
                m=first.handle,
                v=second.handle,
                lr=learning_rate,
                beta1=BETA_1,
                beta2=BETA_2,
                epsilon=EPSILON,
                grad=gradient,
                **powers,
            )
            mean.assign_sub((mean - weight) * share)

    return update
