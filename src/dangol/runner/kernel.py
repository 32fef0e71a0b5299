"""Kernels of this very interpreter, one process per notebook, that can be killed at any moment.

No installed kernelspec is used (one in the user's home folder may point to another Python), and no
TCP port: kernels talk through sockets in a private folder, so that any number can start at once.
"""

import os
import signal
import sys
import tempfile
import threading
import uuid
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec

from dangol.workspace import home

KERNEL_NAME = "python3"
_ENVIRONMENT = {
    "OMP_WAIT_POLICY": "PASSIVE",  # else OpenMP spins when both cores are busy: 60 s instead of .1 s
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "DANGOL_UNATTENDED": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


class Kernels:
    """The running kernels of one batch.

    Use as a context manager: leaving it kills what still runs and removes the private folder.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="dangol-", ignore_cleanup_errors=True)
        self._pids: set[int] = set()
        self._lock = threading.Lock()
        self.is_closed = False

    def __enter__(self) -> "Kernels":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_all()
        self._folder.cleanup()

    @property
    def folder(self) -> Path:
        """Private scratch folder."""
        return Path(self._folder.name)

    def environment(self) -> dict[str, str]:
        """What a kernel sees on top of the runner's environment."""
        return {**_ENVIRONMENT, "DANGOL_HOME": str(home()), "IPYTHONDIR": str(self.folder / "ipython")}

    def kill_all(self) -> None:
        """End all kernels and what they started; none starts afterwards."""
        with self._lock:
            self.is_closed = True
            pids, self._pids = self._pids, set()
        for pid in pids:
            _kill_group(pid)

    def started(self, pid: int) -> None:
        """Remember a kernel; it is killed at once if the batch has been ended meanwhile."""
        with self._lock:
            if not self.is_closed:
                self._pids.add(pid)
                return
        _kill_group(pid)

    def ended(self, pid: int) -> None:
        """Forget a kernel."""
        with self._lock:
            self._pids.discard(pid)

    def manager_class(self) -> type[AsyncKernelManager]:
        """A kernel manager that starts this interpreter and reports to this batch."""
        kernels = self
        spec = KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
            env=self.environment(),
            interrupt_mode="signal",
            metadata={"debugger": False},
        )

        class Manager(AsyncKernelManager):
            """Starts this interpreter in the home folder and tells the batch."""

            kernel_spec = spec

            def __init__(self, **traits: Any) -> None:
                connection_file = kernels.folder / f"{uuid.uuid4().hex[:8]}.json"
                super().__init__(**{**traits, "transport": "ipc", "connection_file": str(connection_file)})

            async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
                await super().start_kernel(**{**options, "cwd": str(home())})
                self.pid: int = self.provisioner.pid  # type: ignore[union-attr]
                kernels.started(self.pid)

            async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
                kernels.ended(getattr(self, "pid", 0))
                await super().cleanup_resources(restart)

        return Manager


def _kill_group(pid: int) -> None:
    """Kernels lead their own process group: their children die with them."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
