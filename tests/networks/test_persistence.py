import pickle
import zipfile

import numpy as np
import pytest

from dangol.networks import NetworkClassifier, NetworkRegressor


@pytest.fixture(scope="module")
def fitted(customers, lapsed):
    seen = []
    model = NetworkClassifier(
        effort="fast", hidden=(16,), max_epochs=3, on_epoch=lambda *row: seen.append(row)
    )
    return model.fit(customers, lapsed)


def test_a_saved_estimator_predicts_identically(fitted, customers, tmp_path):
    reloaded = NetworkClassifier.load(fitted.save(tmp_path / "deep" / "churn.dangol"))
    np.testing.assert_array_equal(reloaded.predict_proba(customers), fitted.predict_proba(customers))
    assert reloaded.history_.equals(fitted.history_)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["churn.dangol"]


def test_predictions_have_names_and_the_index_of_the_rows(fitted, customers):
    rows = customers.tail(7).iloc[::-1]
    found = fitted.predict_frame(rows)
    assert list(found) == [f"{label}_prob" for label in fitted.classes_]
    assert found.index.equals(rows.index)
    np.testing.assert_array_equal(found.to_numpy(), fitted.predict_proba(rows))


def test_a_pickled_estimator_predicts_identically(fitted, customers):
    copied = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copied.predict_proba(customers), fitted.predict_proba(customers))


def test_a_failing_save_leaves_the_old_file(fitted, tmp_path, monkeypatch):
    target = fitted.save(tmp_path / "churn.dangol")
    before = target.read_bytes()

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full_disk)
    with pytest.raises(Exception, match="the disk is full"):
        fitted.save(target)
    assert target.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    with pytest.raises(ValueError, match=r"notes\.txt is not a saved network"):
        NetworkClassifier.load(path)


def test_the_wrong_class_is_refused(fitted, tmp_path):
    with pytest.raises(ValueError, match=r"holds NetworkClassifier.*expected NetworkRegressor"):
        NetworkRegressor.load(fitted.save(tmp_path / "churn.dangol"))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # in Keras itself
def test_the_network_can_be_exported_as_a_keras_file(fitted, tmp_path):
    fitted.ensemble_.keras_model().save(tmp_path / "churn.keras")
    assert (tmp_path / "churn.keras").stat().st_size > 0
