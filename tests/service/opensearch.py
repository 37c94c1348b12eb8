"""A real OpenSearch server for tests, put together from Maven Central's jars; needs Java 17 and Maven, no
Docker.

The jars are cached in ``.cache/opensearch`` of the checkout. The server listens on loopback, on a free port,
with its files in a temporary folder, as an unprivileged user: it refuses to run as root.
"""

from __future__ import annotations

import http.client
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.service import neo4j
from tests.service.neo4j import _free_port, maven_jars
from tests.service.postgres import _user

CACHE = Path(__file__).parents[2] / ".cache" / "opensearch"
_VERSION = "2.19.6"
_MODULES = {
    "transport-netty4": ("org.opensearch.transport.Netty4Plugin", ("transport-netty4", "netty-")),
    "analysis-common": ("org.opensearch.analysis.common.CommonAnalysisPlugin", ("analysis-common-",)),
}
"""Modules of the server: the class of each, and what its jars' names begin with."""
_DESCRIPTOR = """name={name}
description={name}
version={version}
opensearch.version={version}
java.version=11
classname={classname}
"""
_POLICY = """grant {
  permission java.net.SocketPermission "*", "accept,connect,resolve";
  permission java.lang.RuntimePermission "accessClassInPackage.sun.nio.ch";
  permission java.lang.RuntimePermission "getClassLoader";
  permission java.lang.RuntimePermission "accessDeclaredMembers";
  permission java.lang.reflect.ReflectPermission "suppressAccessChecks";
  permission java.util.PropertyPermission "*", "read,write";
};
"""
_CONF = """http.host: 127.0.0.1
transport.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
discovery.type: single-node
cluster.name: kgrag-tests
path.data: {home}/data
path.logs: {home}/logs
cluster.routing.allocation.disk.threshold_enabled: false
"""
_LOG = """status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1.}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""
_JAVA = ["java", "-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]


def available() -> str | None:
    """None where a server can be made here; else what is missing."""
    if missing := neo4j.available():
        return missing
    if find_spec("opensearchpy") is None:
        return "the extra `opensearch` is not installed"
    return "no unprivileged user to run it" if os.geteuid() == 0 and _user() is None else None


def jars() -> Path:
    """The folder of the server's jars, fetched once."""
    return maven_jars(Path(__file__).parent / "opensearch_server" / "pom.xml", CACHE)


@contextmanager
def running_server() -> Iterator[str]:
    """A started server, stopped and removed at the end; yields its address."""
    home = Path(tempfile.mkdtemp(prefix="kgrag-opensearch-"))
    port, process = _free_port(), None
    try:
        classpath = _laid_out(home, port)
        with (home / "server.log").open("wb") as log:
            process = subprocess.Popen(
                _command(home, classpath), stdout=log, stderr=log, cwd=home, **_as_user(home)
            )
        _wait(process, port, home / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        if process is not None:
            process.kill()
            process.wait()
        shutil.rmtree(home)


def _laid_out(home: Path, port: int) -> str:
    """The server's folders as it wants them; returns the class path of what is in no module."""
    for name in ("config", "plugins", "logs", "data", "tmp", "lib"):
        (home / name).mkdir()
    (home / "config" / "opensearch.yml").write_text(
        _CONF.format(port=port, transport=_free_port(), home=home)
    )
    (home / "config" / "log4j2.properties").write_text(_LOG)
    rest = set(jars().glob("*.jar"))
    for name, (classname, beginnings) in _MODULES.items():
        module = home / "modules" / name
        module.mkdir(parents=True)
        own = {jar for jar in rest if jar.name.startswith(beginnings)}
        for jar in own:
            shutil.copy(jar, module)  # its security manager follows no link
        rest -= own
        text = _DESCRIPTOR.format(name=name, version=_VERSION, classname=classname)
        (module / "plugin-descriptor.properties").write_text(text)
    (home / "modules" / "transport-netty4" / "plugin-security.policy").write_text(_POLICY)
    return ":".join(map(str, sorted(rest)))


def _command(home: Path, classpath: str) -> list[str]:
    options = {
        "java.security.manager": "allow",
        "opensearch.path.home": home,
        "opensearch.path.conf": home / "config",
        "opensearch.distribution.type": "tar",
        "java.io.tmpdir": home / "tmp",
        "log4j2.disable.jmx": "true",
    }
    given = [f"-D{name}={value}" for name, value in options.items()]
    return [*_JAVA, *given, "-cp", classpath, "org.opensearch.bootstrap.OpenSearch"]


def _as_user(home: Path) -> dict[str, Any]:
    """Who runs the server, and owns its files."""
    user = _user() if os.geteuid() == 0 else None
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    for path in (home, *home.rglob("*")):
        os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
    return {"user": user, "group": entry.pw_gid, "extra_groups": []}


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 120
    while not _answers(port):
        if time.monotonic() > deadline or process.poll() is not None:
            raise RuntimeError(log.read_text()[-3000:])
        time.sleep(0.2)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/_cluster/health")
        answered = connection.getresponse()
        answered.read()
        connection.close()
        return answered.status == 200
    connection.close()
    return False
