"""Nodes of OpenSearch as processes of this one: folders and ports go in, a cluster that answers comes out.

`python -m cluster.nodes` (`make cluster`) runs three until Ctrl-C. Nodes end with the process that started them.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MIN_JAVA = 17
INSTALL = "apt-get install openjdk-17-jdk-headless maven, or the like"
START_SECONDS = 180.0  # for a node to answer, on a machine with much else to do
HEALTH_SECONDS = 0.2  # between two looks
FIRST_PORT = 9200
LOG_CONFIG = """appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %c{1.} %m%n
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
"""


class MissingJavaError(Exception):
    """Says what to install."""


def classpath(work: Path) -> str:
    """Fetches the jars into Maven's cache and compiles Node.java, where that is not done yet."""
    for program in ("java", "javac", "mvn"):
        if not shutil.which(program):
            raise MissingJavaError(f"{program} is not installed: a cluster needs Java {MIN_JAVA} and Maven ({INSTALL})")
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
    found = re.search(r'version "(\d+)', said)
    if not found or int(found[1]) < MIN_JAVA:
        raise MissingJavaError(f"this Java is {said.splitlines()[0]}: a cluster needs {MIN_JAVA} or later ({INSTALL})")
    work.mkdir(parents=True, exist_ok=True)
    listed, classes = work / "classpath.txt", work / "classes"
    if not _is_complete(listed):
        command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:build-classpath"]
        subprocess.run([*command, f"-Dmdep.outputFile={listed}"], check=True, stdout=sys.stderr)
    jars = listed.read_text("utf-8").strip()
    subprocess.run(
        ["javac", "-nowarn", "-cp", jars, "-d", classes, HERE / "Node.java"], check=True, capture_output=True
    )
    return f"{classes}:{jars}"


def _is_complete(listed: Path) -> bool:
    return listed.exists() and all(Path(jar).exists() for jar in listed.read_text("utf-8").strip().split(":"))


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class LocalNode:
    """One node, whose data stays in its folder when it is stopped, killed and started again."""

    def __init__(self, name: str, home: Path, port: int, command: Sequence[str], config: str) -> None:
        self.name, self.home, self.port = name, home, port
        self._command, self._config = command, config
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ProcessLookupError(self.name)
        return self._process.pid

    def start(self) -> None:
        (self.home / "config").mkdir(parents=True, exist_ok=True)
        config = self._config
        if (self.home / "data" / "nodes").exists():
            config = re.sub(r"cluster\.initial_cluster_manager_nodes:.*\n", "", config)
        (self.home / "config" / "opensearch.yml").write_text(config, "utf-8")
        (self.home / "config" / "log4j2.properties").write_text(LOG_CONFIG, "utf-8")
        with (self.home / "log").open("ab") as log:
            # a session of its own: Ctrl-C is for this process, which then stops the nodes one by one
            self._process = subprocess.Popen(
                [*self._command, f"-Dopensearch.path.home={self.home}", "Node", str(self.home)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def cpu_seconds(self) -> float:
        """Of this process so far, on Linux."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]

    def get(self, path: str, seconds: float = 2.0) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=seconds) as answer:
            return json.load(answer)

    def is_up(self) -> bool:
        try:
            self.get("/_cluster/health?local=true")
        except (OSError, urllib.error.URLError, ValueError):
            return False
        return True

    def _end(self, number: int) -> None:
        if self._process:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
            self._process.wait()
            if self._process.stdin:
                self._process.stdin.close()
            self._process = None


class LocalCluster:
    def __init__(self, nodes: Sequence[LocalNode]) -> None:
        self.nodes = list(nodes)

    def address(self, prefix: str) -> str:
        """As ZHIDIAN_CORPUS wants it."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"opensearch+http://{hosts}/{prefix}"

    def wait(self, status: str = "green", nodes: int | None = None, seconds: float = START_SECONDS) -> None:
        """Until so many nodes, all by default, each know of all of them and of shards as whole as that.

        One alone may not have noticed yet that another one left.
        """
        deadline = time.monotonic() + seconds
        wanted = len(self.nodes) if nodes is None else nodes
        health: Any = None
        while time.monotonic() < deadline:
            agreed = 0
            for node in self.nodes:
                with suppress(OSError, ValueError):
                    health = node.get("/_cluster/health")
                    agreed += health["number_of_nodes"] == wanted and health["status"] in {status, "green"}
            if agreed == wanted:
                return
            time.sleep(HEALTH_SECONDS)
        raise TimeoutError(f"the cluster did not become {status} with {wanted} nodes in {seconds:.0f} s: {health}")


@contextmanager
def running(
    work: Path, count: int = 1, heap: str = "256m", ports: Sequence[int] = (), tier: int = 1, more: str = ""
) -> Iterator[LocalCluster]:
    """A cluster in the folder `work`; `tier` 1 compiles quickly and runs slowly, 4 is for measuring.

    `more` are further lines of opensearch.yml.
    """
    jars = classpath(work)
    numbers = [*ports] if ports else free_ports(count)
    transports = free_ports(count)
    seeds = ", ".join(f'"127.0.0.1:{port}"' for port in transports)
    names = [f"node{n}" for n in range(1, count + 1)]
    command = ["java", f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseSerialGC", f"-XX:TieredStopAtLevel={tier}"]
    command += ["-Djava.awt.headless=true", "-Dfile.encoding=UTF-8", "-Djava.security.manager=allow"]
    command += ["-Dlog4j2.disableJmx=true", "-cp", jars]
    cluster = LocalCluster(
        [
            LocalNode(name, work / name, port, command, _config(name, port, transport, seeds, names, work) + more)
            for name, port, transport in zip(names, numbers, transports, strict=True)
        ]
    )
    try:
        for node in cluster.nodes:
            node.start()
        cluster.wait("yellow" if count == 1 else "green")  # a second copy needs a second node
        yield cluster
    finally:
        for node in cluster.nodes:
            node.stop()


def _config(name: str, port: int, transport: int, seeds: str, names: Sequence[str], work: Path) -> str:
    home = work / name
    return f"""cluster.name: zhidian
node.name: {name}
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
discovery.seed_hosts: [{seeds}]
cluster.initial_cluster_manager_nodes: [{", ".join(names)}]
path.data: {home / "data"}
path.logs: {home / "logs"}
bootstrap.system_call_filter: false
node.processors: 2
# By default nothing is made on a disk that is 90 % full, whatever room a large one has left.
cluster.routing.allocation.disk.watermark.low: 1gb
cluster.routing.allocation.disk.watermark.high: 500mb
cluster.routing.allocation.disk.watermark.flood_stage: 200mb
"""


def main() -> None:
    first = int(os.environ.get("PORT", FIRST_PORT))
    ports = range(first, first + 3)
    work = HERE / ".data"
    print("Starting three nodes of OpenSearch; the first time their jars are fetched (59 MB) ...", file=sys.stderr)
    try:
        with running(work, 3, "512m", ports, tier=4) as cluster:
            print(f"They answer. ZHIDIAN_CORPUS={cluster.address('zhidian')}", file=sys.stderr)
            print(f"Their data is in {work}. Ctrl-C stops them.", file=sys.stderr)
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            signal.pause()
    except MissingJavaError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)


if __name__ == "__main__":
    main()
