"""The Keras model: many small networks side by side in one graph, uncompiled, raw outputs per member.

Importing this module imports Keras; only `training` and `ensemble` do so, late.
"""

from dataclasses import dataclass
from typing import Any

from dangol.networks.backend import load_keras
from dangol.networks.layers import HE_GAIN, ByteDropout, CausalConv, MemberDense, PerFold, PerMember

keras: Any = load_keras()

# (width, stride) in weeks: two layers see every week and keep about a quarter of the positions
CONVOLUTIONS = ((4, 2), (3, 2))
CONV_UNITS = 16
# weeks are learnt by heart first, at the cost of questions they say little about: without it the log loss of
# the next categories was .003 worse on two earlier dates of the grocery data
SEQUENCE_DROPOUT = 0.3


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
        n_weeks: length of the sequences among the inputs; 0 for none. They are the last
            ``n_weeks * n_channels`` inputs, old to new, channels varying fastest.
        n_channels: values per week.
    """

    n_inputs: int
    n_outputs: int
    n_members: int
    n_kernels: int
    hidden: tuple[int, ...]
    dropout: float
    n_weeks: int = 0
    n_channels: int = 0

    @property
    def n_table(self) -> int:
        """Inputs that are no sequence."""
        return self.n_inputs - self.n_weeks * self.n_channels


def _sequence_tower(features: Any, architecture: Architecture, seed: int) -> Any:
    """Two causal convolutions per fold: ``(members, rows, values)`` from the sequences."""
    per_fold = architecture.n_members // architecture.n_kernels
    x = PerFold(per_fold, architecture.n_weeks, architecture.n_channels, name="sequence")(features)
    for depth, (width, stride) in enumerate(CONVOLUTIONS):
        x = CausalConv(
            CONV_UNITS, width, stride, architecture.n_kernels, seed=seed + 100 + depth, name=f"conv_{depth}"
        )(x)
        x = keras.layers.ReLU(name=f"conv_relu_{depth}")(x)
    values = PerMember(per_fold, name="sequence_values")(x)
    return ByteDropout(SEQUENCE_DROPOUT, seed=seed + 300, name="sequence_dropout")(values)


def build_network(architecture: Architecture, seed: int) -> Any:
    """Uncompiled functional model from ``features`` to ``raw_output``, without a link function.

    Input ``features``: ``(1 or members, rows, n_inputs)`` float32 - the leading axis is the member, so
    that members can also be shown different rows. Output: ``(members, rows, n_outputs)`` float32.
    """
    n_members, n_kernels = architecture.n_members, architecture.n_kernels
    features = keras.Input(shape=(None, architecture.n_inputs), name="features")
    x = features if architecture.n_weeks == 0 else features[..., : architecture.n_table]
    for depth, units in enumerate(architecture.hidden):
        x = MemberDense(units, n_members, n_kernels, gain=HE_GAIN, seed=seed + depth, name=f"hidden_{depth}")(
            x
        )
        if depth == 0 and architecture.n_weeks:
            values = _sequence_tower(features, architecture, seed)
            share = MemberDense(
                units, n_members, n_kernels, gain=HE_GAIN, seed=seed + 200, name="hidden_sequence"
            )(values)
            x = keras.layers.Add(name="table_and_sequence")([x, share])
        x = keras.layers.ReLU(name=f"relu_{depth}")(x)
        x = ByteDropout(architecture.dropout, seed=seed + depth, name=f"dropout_{depth}")(x)
    raw = MemberDense(
        architecture.n_outputs,
        architecture.n_members,
        architecture.n_members,
        seed=seed + len(architecture.hidden),
        name="raw_output",
    )(x)
    return keras.Model(features, raw, name="member_ensemble")
