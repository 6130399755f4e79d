"""The real freshclam, and a mirror on loopback for it to ask."""

import functools
import http.server
import os
import shutil
import subprocess
import threading
from pathlib import Path


def missing():
    """Why freshclam cannot run here, or None."""
    return None if shutil.which("freshclam") else "freshclam is not installed"


class Mirror:
    """Serves the files of `directory` until stop()."""

    def __init__(self, directory):
        handler = functools.partial(_Quiet, directory=str(directory))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def port(self):
        return self._server.server_address[1]

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def update(directory, database, mirror, file, settings=None):
    """Runs freshclam once, for one custom database; CompletedProcess with text."""
    configuration = Path(directory) / "freshclam.conf"
    lines = {
        "DatabaseDirectory": database, "DatabaseOwner": "root", "Foreground": "yes",
        # Asked for nothing: what is wanted is the custom database alone.
        "DatabaseMirror": "127.0.0.1:1",
        "DatabaseCustomURL": f"http://127.0.0.1:{mirror.port}/{file}",
        "ConnectTimeout": "5", "MaxAttempts": "1", **(settings or {})}
    configuration.write_text("".join(f"{name} {value}\n" for name, value in lines.items()))
    return subprocess.run(
        ["freshclam", f"--config-file={configuration}", "--update-db=custom", "--no-dns"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=60, check=False, env={**os.environ, "no_proxy": "127.0.0.1"})
