"""What can be sent is told apart by arm only where one campaign had several."""

import pandas as pd

from dangol.features.sent_types import sent_types


def test_a_type_with_several_arms_is_told_apart_by_arm():
    campaigns = pd.DataFrame({"campaign_id": [1, 2, 3], "campaign_type": ["mail", "mail", "call"]})
    contacts = pd.DataFrame(
        {
            "campaign_id": [1, 1, 1, 2, 3, 3],
            "arm": ["red", "blue", "control", "red", "spring", "control"],
        }
    )
    found = sent_types(campaigns, contacts)
    assert found[["campaign_id", "sent_type"]].to_numpy().tolist() == [
        [1, "mail: blue"],
        [1, "mail: red"],
        [2, "mail: red"],
        [3, "call"],
    ]
