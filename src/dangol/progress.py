"""Progress bars for people; silent in unattended runs, so that pages and logs stay clean."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

UNATTENDED = "DANGOL_UNATTENDED"


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
