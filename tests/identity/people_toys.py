"""Small companies with planted people: who is who is known."""

import numpy as np
import pandas as pd

_GIVEN = [
    "minsu",
    "jiyeon",
    "hyunwoo",
    "seoyeon",
    "robert",
    "maria",
    "peter",
    "yuna",
    "taeho",
    "olga",
    "ivan",
    "sofia",
]
_SURNAMES = ["kim", "lee", "park", "smith", "garcia", "novak", "rossi", "tanaka", "meyer", "dubois"]


def planted(n_persons: int, seed: int, repeat_share: float = 0.4) -> pd.DataFrame:
    """People in two sources; some stand in both, with one slip in a second record.

    Returns:
        One row per record, with ``person_id``; phone and e-mail are personal, addresses are not.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(n_persons):
        given, surname = rng.choice(_GIVEN), rng.choice(_SURNAMES)
        birth = pd.Timestamp("1950-01-01") + pd.Timedelta(days=int(rng.integers(0, 20_000)))
        phone = f"010-{rng.integers(1000, 9999)}-{rng.integers(1000, 9999)}"
        first = {
            "source": "shop",
            "source_key": f"S{person}",
            "name": f"{given} {surname}",
            "birth_date": f"{birth:%Y-%m-%d}",
            "phone": phone,
            "email": f"{given}.{surname}{person}@example.com",
            "address": f"{rng.integers(1, 300)} Main Street",
            "recorded_date": "2024-01-01",
            "person_id": person,
        }
        rows.append(first)
        if rng.random() < repeat_share:
            slip = rng.choice(["birth_date", "phone", "email"])
            second = {
                **first,
                "source": "web",
                "source_key": f"W{person}",
                "name": f"{surname.upper()}, {given}",
                "recorded_date": "2025-01-01",
                "phone": phone.replace("010-", "+82 10 "),
            }
            rows.append({**second, slip: None if rng.random() < 0.5 else "garbage"})
    return pd.DataFrame(rows)
