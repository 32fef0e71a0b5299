import pytest
from sklearn.utils.estimator_checks import check_estimator

from dangol.networks import NetworkClassifier, NetworkRegressor

EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "rows are dealt into folds, shuffled into mini-batches and used for quantiles; a repeated row enters "
        "these as two rows, a weighted one as one. Rows of weight 0 are exactly equivalent to absent rows, "
        "which test_estimators checks."
    )
}
# checks that scikit-learn leaves out by itself, and why; nothing else may be skipped
SKIPPED = {
    "check_array_api_input": "needs a switch of SciPy that is off by default",
    "check_classifiers_multilabel_output_format_decision_function": "there is no decision_function",
}
SETTINGS = {"effort": "fast", "hidden": (32,), "max_epochs": 40, "learning_rate": 0.01}


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("estimator", [NetworkClassifier(**SETTINGS), NetworkRegressor(**SETTINGS)])
def test_scikit_learns_own_checks_pass_and_none_is_skipped_in_silence(estimator):
    results = check_estimator(estimator, expected_failed_checks=EXPECTED_FAILURES, on_skip=None)
    ended = {result["check_name"]: result["status"] for result in results}
    assert len(ended) > 40
    others = {name: status for name, status in ended.items() if status != "passed"}
    skipped = {name for name, status in others.items() if status == "skipped"}
    assert skipped <= set(SKIPPED)
    assert {name: others[name] for name in others if name not in skipped} == dict.fromkeys(
        EXPECTED_FAILURES, "xfail"
    )
