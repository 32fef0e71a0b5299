import numpy as np
import pytest

from dangol.networks.hazard import HazardHead
from dangol.networks.heads import BinaryHead, MultilabelHead
from dangol.networks.tasks import HEAD_OF, MultiTaskHead, TaskTargets
from dangol.networks.ziln import ZeroInflatedLognormalHead

RNG = np.random.default_rng(0)
N = 12
LAPSE = np.tile([0.0, 1.0, 0.0], 4)
SPEND = np.where(LAPSE == 1, 0.0, RNG.lognormal(3, 1, N))
NEXT = np.stack([RNG.integers(1, 28, N), 1 - LAPSE], axis=1)
KINDS = {"lapse": "binary", "spend": "ziln", "next": "hazard"}
COLUMNS = {"lapse": slice(0, 1), "spend": slice(1, 2), "next": slice(2, 4)}
TARGET = np.column_stack([LAPSE, SPEND, NEXT])
TARGETS = TaskTargets(KINDS, COLUMNS)


COUNT = RNG.poisson(3, N).astype("float64")
OF_KIND = {
    "binary": LAPSE,
    "multilabel": RNG.integers(0, 2, (N, 3)).astype("float64"),
    "mean": SPEND,
    "poisson": COUNT,
    "ziln": SPEND,
    "hazard": NEXT,
    "rate": np.column_stack([COUNT, RNG.uniform(1, 5, N)]),
    "scaled_median": np.column_stack([SPEND, RNG.uniform(1, 50, N)]),
}


@pytest.mark.parametrize("kind", HEAD_OF)
def test_what_one_member_learns_by_is_what_it_is_judged_by(kind):
    """Else the two curves of a training could not be compared."""
    head = HEAD_OF[kind](OF_KIND[kind], np.ones(N))
    encoded = head.encode(OF_KIND[kind])
    raw = RNG.normal(size=(1, N, head.n_outputs)).astype("float32")
    np.testing.assert_allclose(
        np.asarray(head.loss(encoded, raw))[0], head.ensemble_loss(encoded, raw), rtol=1e-4, atol=1e-5
    )


def test_the_joint_loss_is_the_sum_of_the_heads_own_losses():
    head = MultiTaskHead(TARGET, np.ones(N), TARGETS)
    alone = [
        BinaryHead(LAPSE, np.ones(N)),
        ZeroInflatedLognormalHead(SPEND, np.ones(N)),
        HazardHead(NEXT, np.ones(N)),
    ]
    raw = RNG.normal(size=(2, N, head.n_outputs)).astype("float32")
    cuts = np.cumsum([part.n_outputs for part in alone])[:-1]
    raws, targets = np.split(raw, cuts, axis=-1), (LAPSE, SPEND, NEXT)
    encoded = head.encode(TARGET)
    expected = sum(np.asarray(h.loss(h.encode(t), r)) for h, t, r in zip(alone, targets, raws, strict=True))
    np.testing.assert_allclose(np.asarray(head.loss(encoded, raw)), expected, rtol=1e-5)
    ensemble = sum(h.ensemble_loss(h.encode(t), r) for h, t, r in zip(alone, targets, raws, strict=True))
    np.testing.assert_allclose(head.ensemble_loss(encoded, raw), ensemble, rtol=1e-6)
    np.testing.assert_allclose(head.start, np.concatenate([part.start for part in alone]))


def test_rows_without_a_label_are_silent_for_that_task_only():
    gaps = TARGET.copy()
    gaps[:3, 1] = np.nan
    head = MultiTaskHead(gaps, np.ones(N), TARGETS)
    raw = RNG.normal(size=(1, N, head.n_outputs)).astype("float32")
    moved = raw.copy()
    moved[..., head.outputs["spend"]] += 1.0
    change = np.asarray(head.loss(head.encode(gaps), moved)) - np.asarray(head.loss(head.encode(gaps), raw))
    assert (change[0, :3] == 0).all() and (change[0, 3:] != 0).all()


def test_a_task_known_for_few_rows_counts_as_much_as_one_known_for_all():
    gaps = TARGET.copy()
    gaps[:6, 0] = np.nan
    head = MultiTaskHead(gaps, np.ones(N), TARGETS)
    raw = np.tile(head.start, (1, N, 1)).astype("float32")
    voice = head.encode(gaps)[:, 0]
    assert voice.mean() == pytest.approx(1.0) and set(voice) == {0.0, 2.0}
    own = BinaryHead(LAPSE[6:], np.ones(6))
    expected = own.ensemble_loss(own.encode(LAPSE[6:]), raw[:, 6:, :1]).mean()
    lapse = voice * head.heads["lapse"].ensemble_loss(head.encode(gaps)[:, 1:2], raw[..., :1])
    assert lapse.mean() == pytest.approx(expected, rel=1e-5)


def test_multilabel_loss_is_the_mean_of_binary_losses():
    labels = RNG.integers(0, 2, (N, 3)).astype("float64")
    head = MultilabelHead(labels, np.ones(N))
    raw = RNG.normal(size=(2, N, 3)).astype("float32")
    parts = [BinaryHead(np.array([0.0, 1.0]), np.ones(2)) for _ in range(3)]
    encoded = head.encode(labels)
    each = [np.asarray(p.loss(encoded[:, [k]], raw[..., [k]])) for k, p in enumerate(parts)]
    np.testing.assert_allclose(np.asarray(head.loss(encoded, raw)), np.mean(each, axis=0), rtol=1e-5)
    each = [p.ensemble_loss(encoded[:, [k]], raw[..., [k]]) for k, p in enumerate(parts)]
    np.testing.assert_allclose(head.ensemble_loss(encoded, raw), np.mean(each, axis=0), rtol=1e-5)


def test_a_label_nobody_has_starts_low_but_finite():
    head = MultilabelHead(np.zeros((N, 2)), np.ones(N))
    assert np.isfinite(head.start).all() and (head.predict(head.start[None, None]) < 0.05).all()
