"""An SFTP server on this machine, over one folder; its key can change, its transfers can break."""

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import paramiko
from paramiko import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED, SFTP_OK

__all__ = ["SftpServer"]


class SftpServer:
    """Serves ``folder`` to the user ``amt``, who has one password and one key.

    Args:
        folder: what is served.
        key: host key; made new if none is given.
    """

    def __init__(self, folder: Path, key: paramiko.PKey | None = None) -> None:
        self.folder = folder
        self.key = key or paramiko.ECDSAKey.generate()
        self.user_key: paramiko.PKey | None = None
        self.logins: list[str] = []
        self.break_after: int | None = None
        self.may_break: Callable[[], bool] = lambda: True
        self.sent = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._transports: list[paramiko.Transport] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def line(self) -> str:
        """The host key as a source names it."""
        return f"{self.key.get_name()} {self.key.get_base64()}"

    def close(self) -> None:
        self._server.close()
        for transport in self._transports:
            transport.close()

    def _accept(self) -> None:
        while True:
            try:
                one, _ = self._server.accept()
            except OSError:
                return
            transport = paramiko.Transport(one)
            self._transports.append(transport)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _files(self, transport))
            try:
                transport.start_server(server=_Door(self))
            except (paramiko.SSHException, EOFError):
                transport.close()


class _Door(paramiko.ServerInterface):
    def __init__(self, world: SftpServer) -> None:
        self.world = world

    def check_auth_password(self, username: str, password: str) -> int:
        self.world.logins.append(username)
        good = (username, password) == ("amt", "word-of-secret")
        return AUTH_SUCCESSFUL if good else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self.world.logins.append(username)
        return AUTH_SUCCESSFUL if key == self.world.user_key else AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED


def _wait_until(ready: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        time.sleep(0.005)


def _files(world: SftpServer, transport: paramiko.Transport) -> type[paramiko.SFTPServerInterface]:
    class Handle(paramiko.SFTPHandle):
        def stat(self) -> paramiko.SFTPAttributes:
            return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))

        def read(self, offset: int, length: int) -> bytes | int:
            if transport.is_active():  # what was asked before the break is sent to nobody
                world.sent += length
            if world.break_after is not None and offset >= world.break_after:
                _wait_until(world.may_break)
                transport.close()
            return super().read(offset, length)

    class Files(paramiko.SFTPServerInterface):
        def list_folder(self, path: str) -> list[paramiko.SFTPAttributes]:
            names = [item.name for item in Path(self.real(path)).iterdir()]
            return [self.lstat(f"{path}/{name}", name) for name in names]

        def lstat(self, path: str, name: str = "") -> paramiko.SFTPAttributes | int:
            try:
                return paramiko.SFTPAttributes.from_stat(os.lstat(self.real(path)), name)
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)

        stat = lstat

        def open(self, path: str, flags: int, attr: object) -> paramiko.SFTPHandle:
            assert flags & os.O_ACCMODE == os.O_RDONLY, "nothing is written to a source"
            handle = Handle(flags)
            handle.readfile = (world.folder / path.lstrip("/")).open("rb")
            handle.filename = path
            return handle

        @staticmethod
        def real(path: str) -> str:
            return str(world.folder / path.lstrip("/"))

    assert SFTP_OK == 0
    return Files
