"""Progress bars for people; silent in unattended runs, so that pages and logs stay clean."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

UNATTENDED = "DANGOL_UNATTENDED"
_PATIENCE_SECONDS = 3

Item = TypeVar("Item")


@contextmanager
def epoch_bar(name: str, max_epochs: int) -> Iterator[Callable[[int, float, float], None]]:
    """A bar that moves once per epoch and shows the held-out loss.

    Args:
        name: of what is trained.
        max_epochs: epochs at most; an early stop leaves the bar short.

    Yields:
        A callback for ``on_epoch`` of the networks. The runner sets the environment variable
        ``DANGOL_UNATTENDED``, which hides the bar.
    """
    from tqdm.auto import tqdm

    with tqdm(total=max_epochs, desc=name, unit="epoch", disable=UNATTENDED in os.environ) as bar:

        def advance(epoch: int, train_loss: float, val_loss: float) -> None:
            bar.set_postfix(train=f"{train_loss:.4f}", held_out=f"{val_loss:.4f}")
            bar.update()

        yield advance


def counted(items: Iterable[Item], name: str, n_items: int) -> Iterator[Item]:
    """The items as they are, with a bar that counts them once they have taken three seconds.

    Args:
        items: what is gone through.
        name: of what is done.
        n_items: how many there are.
    """
    from tqdm.auto import tqdm

    hidden = UNATTENDED in os.environ
    return iter(tqdm(items, desc=name, total=n_items, delay=_PATIENCE_SECONDS, disable=hidden))


@contextmanager
def byte_bar(name: str, n_bytes: int) -> Iterator[Callable[[int], None]]:
    """A bar for reading a file, once that has taken three seconds.

    Args:
        name: of the file.
        n_bytes: its size.

    Yields:
        A callback that takes the number of bytes read since it was last called.
    """
    from tqdm.auto import tqdm

    style = {"unit": "B", "unit_scale": True, "leave": False, "delay": _PATIENCE_SECONDS}
    with tqdm(total=n_bytes, desc=name, disable=UNATTENDED in os.environ, **style) as bar:
        yield lambda n: bar.update(n)
