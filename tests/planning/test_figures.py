"""Figures of the plan say nothing about a few people."""

import matplotlib.pyplot as plt
import pandas as pd

from dangol.planning.figures import plot_reasons


def test_reasons_are_counted_and_a_few_people_are_not_told_apart():
    plan = pd.DataFrame({"reason_code": ["contact"] * 1200 + ["no_profit"] * 31 + ["holdout"] * 4})
    ax = plot_reasons(plan)
    names = [label.get_text() for label in ax.get_yticklabels()]
    labels = [text.get_text() for text in ax.texts]
    plt.close(ax.figure)
    assert dict(zip(names, labels, strict=True)) == {
        "contacted": "1,200", "no campaign pays": "10+", "held out by lot": "<10"
    }  # fmt: skip
