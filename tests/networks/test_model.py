import numpy as np
import pytest

from dangol.networks.ensemble import CHUNK_ROWS, TrainedEnsemble, compiled_forward
from dangol.networks.model import Architecture, build_network, keras

SHAPE = {"n_inputs": 3, "n_outputs": 2, "n_members": 10, "hidden": (8, 4), "dropout": 0.1}


@pytest.fixture(params=[1, 5, 10], ids=["one kernel", "kernel per fold", "kernel per member"])
def network(request):
    network = build_network(Architecture(**SHAPE, n_kernels=request.param), seed=3)
    rng = np.random.default_rng(0)
    network.set_weights([rng.normal(size=weight.shape) for weight in network.get_weights()])
    return network


def plain_member(network, member, x):
    """One member's output by NumPy, adapters and all."""
    for layer in (network.get_layer(name) for name in ("hidden_0", "hidden_1", "raw_output")):
        weights = {weight.name: weight.numpy() for weight in layer.weights}
        kernel = weights["kernel"][member * layer.n_kernels // layer.n_members]
        into, out = (weights[n][member] if n in weights else 1.0 for n in ("adapter_in", "adapter_out"))
        x = ((x * into) @ kernel) * out + weights["bias"][member]
        x = x if layer.name == "raw_output" else np.maximum(x, 0)
    return x


def test_every_member_matches_a_plain_network(network):
    x = np.random.default_rng(1).normal(size=(6, 3)).astype("float32")
    raw = compiled_forward(network)(x[None]).numpy()
    assert raw.shape == (10, 6, 2)
    for member in range(10):
        np.testing.assert_allclose(raw[member], plain_member(network, member, x), rtol=1e-4, atol=1e-4)


def test_members_can_be_shown_different_rows(network):
    x = np.random.default_rng(2).normal(size=(10, 6, 3)).astype("float32")
    raw = compiled_forward(network)(x).numpy()
    np.testing.assert_allclose(raw[7], plain_member(network, 7, x[7]), rtol=1e-4, atol=1e-4)


def test_the_model_is_uncompiled_named_and_gives_raw_outputs(network):
    assert not network.compiled and [tensor.name for tensor in network.inputs] == ["features"]
    assert [layer.name for layer in network.layers][-1] == "raw_output"


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # in Keras itself
def test_the_keras_file_reloads_exactly(network, tmp_path):
    x = np.random.default_rng(3).normal(size=(1, 6, 3)).astype("float32")
    network.save(tmp_path / "network.keras")
    reloaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(compiled_forward(network)(x).numpy(), compiled_forward(reloaded)(x).numpy())


def test_output_does_not_depend_on_how_rows_are_cut_into_chunks():
    network = build_network(Architecture(**SHAPE, n_kernels=5), seed=3)
    ensemble = TrainedEnsemble(SHAPE | {"n_kernels": 5}, network.get_weights())
    x = np.random.default_rng(4).normal(size=(CHUNK_ROWS + 7, 3)).astype("float32")
    raw = ensemble.raw_output(x)
    assert raw.shape == (10, CHUNK_ROWS + 7, 2)
    np.testing.assert_allclose(raw[:, -7:], ensemble.raw_output(x[-7:]), rtol=1e-5, atol=1e-6)


def test_dropout_silences_its_share_keeps_the_mean_and_is_off_outside_training():
    from dangol.networks.layers import ByteDropout

    ones = np.ones((3, 50, 101), dtype="float32")
    dropped = np.asarray(ByteDropout(0.4, seed=1)(ones, training=True))
    assert abs(np.mean(dropped == 0) - 0.4) < 0.02
    assert abs(dropped.mean() - 1) < 0.03
    assert len(np.unique(dropped)) == 2
    np.testing.assert_array_equal(ByteDropout(0.4, seed=1)(ones, training=True), dropped)
    np.testing.assert_array_equal(ByteDropout(0.4, seed=1)(ones, training=False), ones)


def test_dropout_draws_anew_at_every_call_and_reloads_with_its_seed():
    from dangol.networks.layers import ByteDropout

    layer, ones = ByteDropout(0.5, seed=2), np.ones((1, 20, 10), dtype="float32")
    first, second = (np.asarray(layer(ones, training=True)) for _ in range(2))
    assert (first != second).any()
    again = ByteDropout.from_config(layer.get_config())
    np.testing.assert_array_equal(again(ones, training=True), first)
