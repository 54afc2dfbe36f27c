"""Files of an SFTP server, whose key the source must know.

No key is ever learned by itself: a server that shows another key than the source names is refused,
and neither name nor password is sent to it.
"""

import posixpath
import stat
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any

from ckanext.sozialdaten import net
from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._client import Limits, Progress
from ckanext.sozialdaten.harvesters.core.connectors._options import (
    Credentials,
    credentials,
    private_hosts,
)
from ckanext.sozialdaten.harvesters.core.connectors._partial import Partial
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting
from ckanext.sozialdaten.harvesters.core.connectors.errors import (
    AddressRefused,
    CredentialMissing,
    HostKeyRefused,
    LoginRefused,
    Unreachable,
)
from ckanext.sozialdaten.harvesters.core.connectors.folder import is_temporary
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section
from ckanext.sozialdaten.messages import Message

__all__ = ["SftpConnector", "SftpOptions"]

KEYS = (
    "host",
    "port",
    "folder",
    "pattern",
    "host_keys",
    "known_hosts",
    "credentials",
    "seconds",
    "read_seconds",
    "max_bytes",
)
_PORT = 22
_SETTLE_SECONDS = 0.3
_CHUNK = 1 << 18
_TOLD_EVERY = 1 << 20
_PREFETCH = 64
_RSA = ("rsa-sha2-512", "rsa-sha2-256")


@dataclass(frozen=True, slots=True)
class SftpOptions:
    """What a source of an SFTP server says.

    Args:
        host: name of the server.
        port: its port.
        folder: folder on it.
        pattern: file names that count, several separated by ``|``.
        host_keys: its keys, such as ``ssh-ed25519 AAAA…``.
        known_hosts: file of known hosts in place of them.
        credentials: user, and password or the path of a private key (with password: its own).
        limits: time and size.
    """

    host: str
    port: int
    folder: str
    pattern: str
    host_keys: tuple[str, ...]
    known_hosts: str
    credentials: Credentials
    limits: Limits

    @classmethod
    def read(cls, section: Section) -> "SftpOptions":
        """Read the ``connector:`` block.

        Raises:
            LayoutError: a key is missing, unknown or wrong; without keys of the host nothing works.
        """
        plain = Limits()
        options = cls(
            host=section.text("host"),
            port=section.integer("port", _PORT),
            folder=section.text("folder", "."),
            pattern=section.text("pattern", "*"),
            host_keys=section.texts("host_keys"),
            known_hosts=section.text("known_hosts", ""),
            credentials=credentials(section, ("username", "password", "key")),
            limits=Limits(
                seconds=section.integer("seconds", round(plain.seconds)),
                read_seconds=section.integer("read_seconds", round(plain.read_seconds)),
                max_bytes=section.integer("max_bytes", plain.max_bytes),
            ),
        )
        if not options.host_keys and not options.known_hosts:
            raise section.wrong(
                "host_keys", "{where} is missing: the key of the server, which must be known."
            )
        if options.known_hosts and not Path(options.known_hosts).is_absolute():
            raise section.wrong("known_hosts", "{where} must be an absolute path.")
        if any(len(line.split()) < 2 for line in options.host_keys):
            raise section.wrong("host_keys", "{where} must be lines such as ssh-ed25519 AAAA….")
        return options


@dataclass(frozen=True, slots=True)
class SftpConnector:
    """See the module."""

    setting: Setting
    options: SftpOptions

    def discover(self) -> Iterator[Ref]:
        """All complete files that match, oldest first; no links, no folders.

        Files that still grow are passed over, and so are names of unfinished transfers.

        Raises:
            HostKeyRefused: the server is another one.
            FetchError: it cannot be asked.
        """
        with self._session() as sftp:
            first = self._listed(sftp)
            if first:
                time.sleep(_SETTLE_SECONDS)
            again = self._listed(sftp) if first else {}
        for name, item in sorted(first.items(), key=lambda pair: (pair[1][1], pair[0])):
            if again.get(name) == item:
                size, changed = item
                location = posixpath.join(self.options.folder, name)
                yield Ref(self.setting.safe(name), location, size, f"{size}-{changed}")

    def fetch(self, ref: Ref) -> RawDelivery:
        """One file; an interrupted transfer goes on where it ended if the file is the same.

        Raises:
            NotThere: it is gone, or no plain file.
            TooLarge: it exceeds ``max_bytes``.
            FetchError: it cannot be had.
        """
        target = self.setting.target(ref.name)
        partial = Partial(target)
        key = f"{ref.location} {ref.marker}"
        deadline = time.monotonic() + self.options.limits.seconds
        with self._session() as sftp:
            about = sftp.lstat(ref.location)
            if not stat.S_ISREG(about.st_mode):
                raise texts.not_there(self._shown(ref.location))
            size = int(about.st_size)
            if size > self.options.limits.max_bytes:
                raise texts.too_large(self._shown(ref.location), self.options.limits.max_bytes)
            offset = partial.offset(key)
            if not offset or offset > size:
                offset = partial.begin(key, {"Last-Modified": ref.marker}, ranged=False) or 0
            self._copy(sftp, ref, partial, (offset, size), deadline)
        if partial.path.stat().st_size != size:
            raise texts.cut_off(self._shown(ref.location))
        partial.finish()
        return self.setting.delivery(target)

    def _copy(
        self, sftp: Any, ref: Ref, partial: Partial, span: tuple[int, int], deadline: float
    ) -> None:
        done, size = span
        told = done
        with sftp.open(ref.location, "rb") as stream, partial.path.open("ab") as out:
            stream.seek(done)
            stream.prefetch(size, _PREFETCH)
            while done < size and (chunk := stream.read(min(_CHUNK, size - done))):
                done += out.write(chunk)
                if time.monotonic() > deadline:
                    raise texts.too_long(self._shown(ref.location), self.options.limits.seconds)
                if done - told >= _TOLD_EVERY:
                    told = done
                    self.setting.progress(Progress(ref.name, done, size))

    def _listed(self, sftp: Any) -> dict[str, tuple[int, int]]:
        """Size and time of each plain file that matches."""
        patterns = self.options.pattern.lower().split("|")
        return {
            item.filename: (int(item.st_size), int(item.st_mtime))
            for item in sftp.listdir_attr(self.options.folder)
            if stat.S_ISREG(item.st_mode)
            and "/" not in item.filename
            and not is_temporary(item.filename)
            and any(fnmatchcase(item.filename.lower(), pattern) for pattern in patterns)
        }

    @contextmanager
    def _session(self) -> Generator[Any]:
        """A session with the right server, closed at the deadline whatever it does."""
        paramiko: Any = import_module("paramiko")
        place = self._shown("")
        transport: Any = None
        watch = threading.Timer(self.options.limits.seconds, lambda: transport.close())
        watch.daemon = True
        try:
            transport = paramiko.Transport(self._dial())
            watch.start()
            self._greet(paramiko, transport)
            self._login(paramiko, transport)
            sftp = paramiko.SFTPClient.from_transport(transport)
            sftp.get_channel().settimeout(self.options.limits.read_seconds)
            yield sftp
        except paramiko.AuthenticationException as error:
            raise LoginRefused(texts.login_refused(place).message, None, texts.at(place)) from error
        except FileNotFoundError as error:
            raise texts.not_there(place) from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise Unreachable(
                Message("The connection to the server broke down."),
                Message("It is tried again with the next run; nothing has changed here."),
                texts.at(place),
            ) from error
        finally:
            watch.cancel()
            if transport is not None:
                transport.close()

    def _dial(self) -> Any:
        host, seconds = self.options.host, self.options.limits.read_seconds
        allowed = host in private_hosts()
        try:
            return net.dial(host, self.options.port, seconds, allow_private=allowed)
        except net.PrivateAddressError as error:
            raise AddressRefused(
                error.message,
                Message("The operator may list it in SOZIALDATEN_PRIVATE_HOSTS if it is meant."),
                error.place,
            ) from error
        except net.NetError as error:
            raise Unreachable(error.message, None, error.place) from error

    def _greet(self, paramiko: Any, transport: Any) -> None:
        """Exchange keys, and stop before any login if the server's is not known."""
        known = self._known(paramiko)
        kinds = {key.get_name() for key in known}
        names = [name for name in kinds if name != "ssh-rsa"]
        options = transport.get_security_options()
        names += [name for name in _RSA if "ssh-rsa" in kinds and name in options.key_types]
        options.key_types = tuple(names)
        transport.banner_timeout = self.options.limits.read_seconds
        try:
            transport.start_client(timeout=self.options.limits.read_seconds)
        except paramiko.ssh_exception.IncompatiblePeer as error:
            raise self._stranger() from error
        if transport.get_remote_server_key() not in known:
            raise self._stranger()

    def _login(self, paramiko: Any, transport: Any) -> None:
        keys = self.options.credentials
        name = keys.value(keys.username)
        password = keys.value(keys.password) if keys.password else None
        if not keys.key:
            transport.auth_password(name, password or "")
            return
        try:
            private = paramiko.PKey.from_path(keys.value(keys.key), password)
        except (OSError, paramiko.UnknownKeyType) as error:
            raise CredentialMissing(
                Message("The private key that {name} names cannot be read.", {"name": keys.key}),
                Message("Put the file there, readable by the workers alone."),
            ) from error
        transport.auth_publickey(name, private)

    def _known(self, paramiko: Any) -> list[Any]:
        """The keys that the server may show.

        Raises:
            HostKeyRefused: the file of known hosts does not know it.
        """
        host, port = self.options.host, self.options.port
        if self.options.host_keys:
            lines = [f"{host} {' '.join(line.split()[:2])}" for line in self.options.host_keys]
            entries = [paramiko.hostkeys.HostKeyEntry.from_line(line) for line in lines]
            found = [entry.key for entry in entries if entry is not None]
        else:
            names = paramiko.HostKeys()
            if Path(self.options.known_hosts).is_file():
                names.load(self.options.known_hosts)
            entry = names.lookup(host if port == _PORT else f"[{host}]:{port}")
            found = list(entry.values()) if entry else []
        if not found:
            raise self._stranger()
        return found

    def _stranger(self) -> HostKeyRefused:
        return HostKeyRefused(
            Message("The server shows another key than the source knows."),
            Message(
                "Ask its operator for the key, by telephone; only then correct the source. "
                "No login was sent."
            ),
            texts.at(self._shown("")),
        )

    def _shown(self, path: str) -> str:
        return f"sftp://{self.options.host}:{self.options.port}/{path.lstrip('/')}"
