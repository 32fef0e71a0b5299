"""A company with planted truth: what every claim of the project can be checked against."""

from dangol.simulator.arguments import Arguments
from dangol.simulator.purchases import ParetoProcess, PurchaseProcess, expected_orders
from dangol.simulator.spend import GammaGammaSpend, LognormalSpend
from dangol.simulator.world import World, simulate, simulate_to, write_world

__all__ = [
    "Arguments",
    "GammaGammaSpend",
    "LognormalSpend",
    "ParetoProcess",
    "PurchaseProcess",
    "World",
    "expected_orders",
    "simulate",
    "simulate_to",
    "write_world",
]
