"""What a notebook leaves behind: finite metrics, figures that repeat, the mark that it ended."""

import json
import math
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from dangol.errors import DangolError
from dangol.progress import UNATTENDED, epoch_bar
from dangol.records import metrics_of, record, record_figure, record_history, record_model
from dangol.stages import StageResult


def test_what_is_recorded_is_read_back_as_plain_values(folder):
    metrics = {
        "n_customers": np.int64(7),
        "auc_score": np.float32(0.5),
        "is_reconciled": np.bool_(True),
        "amount": 12.25,
        "verdict": "better",
    }
    record(metrics, folder)
    back = metrics_of(folder)
    assert back == {
        "n_customers": 7,
        "auc_score": 0.5,
        "is_reconciled": True,
        "amount": 12.25,
        "verdict": "better",
    }
    assert isinstance(back["n_customers"], int)
    assert isinstance(back["is_reconciled"], bool)


def test_a_float_is_read_back_to_the_last_digit(folder):
    record({"share": 0.1 + 0.2, "tiny": 5e-324, "large": 1.7976931348623157e308}, folder)
    assert metrics_of(folder) == {"share": 0.1 + 0.2, "tiny": 5e-324, "large": 1.7976931348623157e308}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float64("nan"), np.float32("inf")])
def test_a_number_that_is_not_finite_is_refused_by_name(folder, value):
    with pytest.raises(DangolError, match=r"^metrics without a finite value: lift, gini$"):
        record({"n": 1, "lift": value, "gini": value}, folder)
    assert metrics_of(folder) == {}
    assert not (folder.records / "done.json").exists()


@pytest.mark.parametrize("value", [None, pd.NA, pd.NaT, [1, 2], {"a": 1}])
def test_what_is_neither_number_nor_text_is_refused(folder, value):
    with pytest.raises(DangolError, match="metrics without a finite value: lift"):
        record({"lift": value}, folder)


def test_a_refused_record_keeps_the_earlier_one(folder):
    record({"n": 1}, folder)
    with pytest.raises(DangolError, match="finite"):
        record({"n": math.nan}, folder)
    assert metrics_of(folder) == {"n": 1}


def test_recording_marks_the_notebook_as_done(folder):
    assert metrics_of(folder) == {}
    record({}, folder)
    assert (folder.records / "done.json").is_file()
    assert not (folder.of("04").records / "done.json").exists()


def test_the_losses_per_epoch_are_kept_as_they_are(folder):
    history = pd.DataFrame({"epoch": [0, 1], "train_loss": [0.7, 0.5], "val_loss": [0.71, 0.1 + 0.2]})
    record_history("lapse_network", history, folder)
    back = pd.read_csv(folder.records / "history" / "lapse_network.csv")
    pd.testing.assert_frame_equal(back, history, check_exact=True)


def test_a_figure_stays_open_and_comes_with_its_claim(folder):
    figure, axes = plt.subplots()
    axes.plot([0, 1], [0, 1])
    record_figure(figure, "line", "it rises", folder)
    assert plt.fignum_exists(figure.number)
    plt.close(figure)
    assert (folder.records / "figures" / "line.svg").read_text().lstrip().startswith("<?xml")
    assert '"it rises"' in (folder.records / "figures" / "line.json").read_text()


class Saveable:
    """A model that saves itself as the networks do."""

    def save(self, path: Path) -> None:
        path.write_text("weights")

    def predict_frame(self, rows: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"lapse_prob": rows["recency_days"] / 100.0})


def test_a_model_is_kept_with_an_example_and_the_bins_of_its_training_rows(folder):
    training = pd.DataFrame({"recency_days": range(1, 41)})
    place = record_model("lapse_network", Saveable(), training, folder, constants={"pace_floor": 1.5})
    assert (place / "model.dangol").read_text() == "weights"
    pd.testing.assert_frame_equal(pd.read_parquet(place / "example.parquet"), training.head(5))
    assert pd.read_parquet(place / "example_output.parquet")["lapse_prob"].tolist() == pytest.approx(
        [0.01, 0.02, 0.03, 0.04, 0.05]
    )
    reference = json.loads((place / "reference.json").read_text())
    assert reference["constants"] == {"pace_floor": 1.5}
    assert (reference["n_rows"], list(reference["columns"])) == (40, ["recency_days"])
    # below the smallest value nobody, bins of at least twenty rows, none above the largest, none missing
    assert reference["columns"]["recency_days"]["counts"] == [0, 20, 20, 0, 0]


def test_a_progress_bar_is_silent_when_nobody_watches(monkeypatch, capfd):
    monkeypatch.setenv(UNATTENDED, "1")
    with epoch_bar("network", 3) as advance:
        advance(0, 0.5, 0.6)
    assert capfd.readouterr() == ("", "")


def test_a_progress_bar_shows_the_held_out_loss_to_people(monkeypatch, capfd):
    monkeypatch.delenv(UNATTENDED, raising=False)
    with epoch_bar("network", 2) as advance:
        advance(0, 0.5, 0.625)
        advance(1, 0.4, 0.525)
    shown = "".join(capfd.readouterr())
    assert "network" in shown
    assert "2/2" in shown


def test_a_stage_is_named_like_its_notebook():
    assert StageResult("03", "segment", "Segment", "done", 1.0, "", None).name == "03_segment"
