"""The servers that the benchmarks start, all on loopback: this relay, Postfix as a relay, and Postfix's smtp-sink behind them."""

import base64
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from machine import ROOT, Failure, Lacking, Program, children, cpu_seconds, free_port, greets, is_root, wait_until

NEXT_HOP = "hop.example.net"


class MailPrograms:
    """Debian's Postfix, unpacked by src/testbed/mail-peers: nothing is installed, and an installed one is left alone."""

    def __init__(self):
        done = subprocess.run([str(ROOT / "src/testbed/mail-peers")], stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Lacking("Postfix's programs are missing; see above")
        self.folder = Path(done.stdout.strip().splitlines()[-1])
        self.environment = {"LD_LIBRARY_PATH": (self.folder / "library-path").read_text().strip()}

    def path(self, name):
        return self.folder / name

    def version(self):
        out = subprocess.run(
            [self.path("usr/sbin/postconf"), "-d", "-h", "mail_version"],
            env={**os.environ, **self.environment, "MAIL_CONFIG": "/nonexistent"},
            capture_output=True,
            text=True,
        )
        return out.stdout.strip() or "?"


class Sink:
    """smtp-sink: one process that takes everything, keeps nothing, and counts."""

    def __init__(self, programs, folder, port=None):
        self.port = port or free_port()
        user = ["-u", "nobody"] if is_root() else []
        self.program = Program(
            [programs.path("usr/sbin/smtp-sink"), *user, "-c", f"127.0.0.1:{self.port}", "1000"],
            folder / "sink.log",
            programs.environment,
        )
        wait_until(lambda: greets(self.port), 20, "smtp-sink's greeting", program=self.program)

    def received(self):
        """Messages since its start: the last of the counters that it writes after every one."""
        with open(self.program.log, "rb") as f:
            f.seek(max(0, os.path.getsize(self.program.log) - 4096))
            counters = re.findall(rb"mesg=(\d+)\s", f.read())
        return int(counters[-1]) if counters else 0

    def close(self):
        self.program.close()


def build():
    """Builds this checkout where needed, so that no start that is measured does."""
    done = subprocess.run([str(ROOT / "bridgehead"), "--help"], stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failure("./bridgehead does not build; see above")
    aot = ROOT / "target/aot"
    wait_until(lambda: not list(aot.glob("*.making")), 660, "the launcher's AOT cache", pause=0.2)


def jdk():
    found = subprocess.run(["sh", str(ROOT / ".mvn/find-jdk")], stdout=subprocess.PIPE, text=True)
    if found.returncode != 0:
        raise Lacking("no JDK 25; see above")
    return Path(found.stdout.strip())


def key_pair(folder):
    """A Secret with a key and a certificate signed by itself, as a further document of a manifest."""
    key, certificate = folder / "tls.key", folder / "tls.crt"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
    words += ["-subj", "/CN=relay.example.com", "-addext", "subjectAltName=DNS:relay.example.com", "-keyout", key, "-out", certificate]
    try:
        subprocess.run(words, check=True, capture_output=True)
    except FileNotFoundError:
        raise Failure("openssl is wanted to make a certificate")
    data = "".join(
        f"  {file.name}: {base64.b64encode(file.read_bytes()).decode()}\n" for file in (certificate, key)
    )
    return f"---\napiVersion: v1\nkind: Secret\nmetadata: {{name: edge-tls}}\ntype: kubernetes.io/tls\ndata:\n{data}"


class Bridgehead:
    """This relay: ./bridgehead run, its spool on the disk, its log to a file, one smart host that is somewhere on loopback.

    java_options: those of the JVM in place of the launcher's; None starts it by the launcher, as a user would.
    before: words of a program that runs it, such as strace.
    dns: host of a mail exchanger to port of loopback; routing is then by DNS, and not to hop_port.
    tls: whether clients are offered STARTTLS, with a certificate made for it by openssl.
    """

    name = "Bridgehead"

    def __init__(self, folder, hop_port, connections=None, java_options=None, dns=None, before=(), tls=False):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.manifest = folder / "connector.yaml"
        routing = f"{{mode: SmartHost, smartHosts: [{{host: {NEXT_HOP}}}]}}" if dns is None else "{mode: DNS}"
        delivery = "" if connections is None else f"  delivery: {{maxConnectionsPerDestination: {connections}}}\n"
        server = f"port: {self.port}, maxMessageSize: 64Mi" + (", tls: {secretRef: {name: edge-tls}}" if tls else "")
        self.manifest.write_text(
            f"""apiVersion: bridgehead.dev/v1
kind: SmtpConnector
metadata: {{name: bench}}
spec:
  routing: {routing}
  bridgeheads: [{{name: edge, hostname: relay.example.com, virtualServer: {{{server}}}}}]
{delivery}"""
            + (key_pair(folder) if tls else "")
        )
        self.hops = [f"{host}:25:127.0.0.1:{at}" for host, at in (dns or {NEXT_HOP: hop_port}).items()]
        self.java_options = java_options
        self.before = list(before)
        self.start()

    def words(self):
        run = ["run", "-f", self.manifest, "--data", self.folder / "data"]
        for hop in self.hops:
            run += ["--connect-to", hop]
        if self.java_options is None:
            return [ROOT / "bridgehead", *run]
        fixed = ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
        return [jdk() / "bin/java", *self.java_options, *fixed, "-jar", ROOT / "target/bridgehead.jar", *run]

    def start(self, seconds=120):
        """Starts it; gives how long the first 220 took, in seconds."""
        self.program = Program([*self.before, *self.words()], self.folder / "relay.log")
        return wait_until(lambda: greets(self.port), seconds, "the relay's greeting", pause=0.005, program=self.program)

    def java(self):
        """The id of its JVM: its own, or the one that strace runs."""
        return self.program.pid if not self.before else children(self.program.pid)[0]

    def cpu(self):
        return cpu_seconds(self.program.pid)

    def end_java(self):
        """Asks the JVM itself to stop, and waits for what runs it: strace then writes its last lines."""
        os.kill(self.java(), signal.SIGTERM)
        self.program.process.wait(60)
        self.close()

    def close(self):
        self.program.close()


POSTFIX_SERVICES = """\
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
scache unix - - n - 1 scache
anvil unix - - n - 1 anvil
"""


class Postfix:
    """Postfix as a plain relay, tuned for throughput (its TUNING_README): own configuration, queue on the same disk."""

    name = "Postfix"

    def __init__(self, programs, folder, hop_port):
        if not is_root():
            raise Lacking("Postfix needs root; run this as root or with sudo, or with --only bridgehead")
        self.folder, self.port = folder, free_port()
        folder.mkdir(exist_ok=True)
        for queue in "active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public".split():
            self._owned(folder / "queue" / queue, 0o710 if queue == "public" else 0o700)
        (folder / "queue/pid").mkdir()
        self._owned(folder / "data", 0o700)
        etc = folder / "etc"
        etc.mkdir()
        (etc / "master.cf").write_text(f"127.0.0.1:{self.port} inet n - n - - smtpd\n" + POSTFIX_SERVICES)
        (etc / "main.cf").write_text(
            f"""compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {programs.path("usr/sbin")}
daemon_directory = {programs.path("usr/lib/postfix/sbin")}
shlib_directory = {programs.path("usr/lib/postfix")}
meta_directory = {programs.path("etc/postfix")}
import_environment = LD_LIBRARY_PATH MAIL_CONFIG TZ LANG=C
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example.com
mydestination =
alias_maps =
local_recipient_maps =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{hop_port}
message_size_limit = 67108864
# Throughput: enough processes, connections that are kept, no name server, no brakes.
default_process_limit = 200
default_destination_concurrency_limit = 100
initial_destination_concurrency = 50
smtp_connection_cache_on_demand = yes
smtp_connection_cache_destinations = [127.0.0.1]:{hop_port}
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_event_limit_exceptions = 127.0.0.0/8
in_flow_delay = 0
"""
        )
        self.program = Program(
            [programs.path("usr/lib/postfix/sbin/master"), "-c", etc, "-d"], folder / "master.log", programs.environment
        )
        wait_until(lambda: greets(self.port), 30, "Postfix's greeting", pause=0.1, program=self.program)

    @staticmethod
    def _owned(path, mode):
        path.mkdir(parents=True)
        shutil.chown(path, "postfix")
        path.chmod(mode)

    def cpu(self):
        return cpu_seconds(self.program.pid)

    def close(self):
        self.program.close()


class Load:
    """smtp-source: one process that sends as many messages as told, over so many sessions at a time."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder

    def start(self, port, messages, sessions, octets, kept, recipient="b@dst.example"):
        words = [self.programs.path("usr/sbin/smtp-source")]
        words += ["-d"] if kept else []
        words += ["-s", sessions, "-m", messages, "-l", octets, "-f", "a@src.example", "-t", recipient]
        return Program([*words, f"127.0.0.1:{port}"], self.folder / "source.log", self.programs.environment)

    def send(self, port, messages, sessions, octets, kept, recipient="b@dst.example"):
        """Sends them all; gives how long it took until the last 250 (and QUIT), in seconds."""
        start = time.monotonic()
        source = self.start(port, messages, sessions, octets, kept, recipient)
        status = source.process.wait()
        took = time.monotonic() - start
        said = source.said().strip()
        source.close()
        if status != 0 or said:
            raise Failure(f"smtp-source ended with status {status}: {said[-300:]}")
        return took
