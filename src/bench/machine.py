"""What the benchmarks of this folder share: this machine, its disk, and processes that never outlive the script.

Exit status of each script: 0 done, 1 failed, 2 wrong usage, 3 this machine lacks something that the message names.
Only loopback is used, and only processes that the script itself started are ended, by their id.
"""

import fcntl
import os
import platform
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """One line that says what is wrong and what to do."""

    status = 1


class Lacking(Failure):
    status = 3


def say(text):
    """A line for the person at the terminal. Standard output is for results only."""
    print("bench: " + text, file=sys.stderr, flush=True)


def run_main(main):
    """Runs a script's main so that whatever ends it, its processes end first."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        main()
    except Failure as e:
        end_all()
        say(str(e))
        sys.exit(e.status)
    except KeyboardInterrupt:
        end_all()
        say("interrupted")
        sys.exit(130)
    finally:
        end_all()


def needs(*programs):
    """(program, Debian package): says what is missing and what to install."""
    missing = sorted({package for program, package in programs if not shutil.which(program)})
    if missing:
        raise Lacking("not installed: " + " ".join(missing) + "; with Debian: apt-get install " + " ".join(missing))


def is_root():
    return os.geteuid() == 0


_running = []

# Reads "+ID" and "-ID" lines; when the pipe ends with this script, however it died, it ends what is left.
_GUARD = """
import os, signal, sys
alive = set()
for line in sys.stdin:
    (alive.add if line[0] == "+" else alive.discard)(int(line[1:]))
for process in alive:
    try:
        os.kill(process, signal.SIGTERM)
    except ProcessLookupError:
        pass
"""
_guard = None


def _tell_guard(line):
    global _guard
    if _guard is None:
        _guard = subprocess.Popen([sys.executable, "-c", _GUARD], stdin=subprocess.PIPE, start_new_session=True)
    _guard.stdin.write(line.encode())
    _guard.stdin.flush()


class Program:
    """A process of ours: Ctrl-C does not reach it, close() does, and it ends when this script is killed."""

    def __init__(self, words, log, env=None, cwd=None):
        self.log = Path(log)
        self._out = open(self.log, "wb")
        self.process = subprocess.Popen(
            [str(w) for w in words],
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            start_new_session=True,
        )
        _tell_guard(f"+{self.pid}\n")
        _running.append(self)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def said(self):
        return self.log.read_text(errors="replace")

    def last_words(self):
        return " | ".join(self.said().strip().splitlines()[-5:])

    def close(self, patience=40):
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._out.close()
        if self in _running:
            _running.remove(self)
            _tell_guard(f"-{self.pid}\n")


def end_all():
    for program in reversed(list(_running)):
        program.close(patience=15)


def wait_until(condition, seconds, what, pause=0.02, program=None):
    """Polls until it holds, and gives how long that took, in seconds."""
    start = time.monotonic()
    while not condition():
        if program is not None and not program.alive():
            raise Failure(f"{what}: the process ended; see {program.log}: {program.last_words()}")
        if time.monotonic() - start > seconds:
            raise Failure(f"{what}: not within {seconds} s" + (f"; see {program.log}" if program else ""))
        time.sleep(pause)
    return time.monotonic() - start


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def greets(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
            s.settimeout(5)
            return s.recv(3) == b"220"
    except OSError:
        return False


def resident_mib(pid):
    """VmRSS: what the process holds of this machine's memory now."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def peak_mib(pid):
    """VmHWM: the most it ever held."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def _stat(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return {"parent": int(fields[1]), "own": int(fields[11]) + int(fields[12]), "children": int(fields[13]) + int(fields[14])}


def children(pid):
    """Ids of the processes that a process started and that still run."""
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def cpu_seconds(pid):
    """Processor time of a process, its children, and its children that have ended."""
    total = 0
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = _stat(entry)
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(entry) == pid:
                total += stat["own"] + stat["children"]
            elif stat["parent"] == pid:
                total += stat["own"] + stat["children"]
    return total / TICKS


_lock = None


def scratch(wanted):
    """The folder for spools and queues: on a real disk, emptied; others may go through it."""
    folder = Path(wanted).resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / ".bench").exists():
        raise Failure(f"{folder} has something else in it; give an empty folder with --dir")
    folder.mkdir(parents=True, exist_ok=True)
    filesystem = filesystem_of(folder)
    if filesystem in ("tmpfs", "ramfs", "overlay", "devtmpfs"):
        raise Failure(f"{folder} is on {filesystem}, where a sync costs nothing; give a folder on a real disk with --dir")
    global _lock
    _lock = open(folder / ".bench", "w")
    try:
        fcntl.flock(_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Failure(f"{folder} is in use by another benchmark; wait for it, or give another folder with --dir") from None
    for entry in folder.iterdir():
        if entry.name != ".bench":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    os.chmod(folder, 0o755)
    return folder


def filesystem_of(folder):
    best, kind = -1, "?"
    for line in Path("/proc/self/mounts").read_text().splitlines():
        device, where, filesystem, *_ = line.split()
        where = where.replace("\\040", " ")
        if (str(folder) + "/").startswith(where.rstrip("/") + "/") and len(where) >= best:
            best, kind = len(where), filesystem
    return kind


def free_bytes(folder):
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize


def disk_used(folder):
    """Octets of disk below a folder, as blocks: preallocated ones count."""
    total = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total


def drop_caches():
    """Forgets what memory holds of the disk; only root may. Gives whether it did."""
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3\n")
        return True
    except OSError:
        return False


def description(folder):
    """One line about this machine and its disk."""
    model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1)) / 1024 / 1024
    release = re.search(r'PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text())
    return ", ".join(
        (
            time.strftime("%Y-%m-%d %H:%M"),
            f"{os.cpu_count()} cores" + (f" ({model.group(1)})" if model else ""),
            f"{memory:.0f} GiB",
            (release.group(1) if release else "?") + ", Linux " + platform.release(),
            f"{folder} on {filesystem_of(folder)}",
            f"one fdatasync of 4 KiB {sync_ms(folder):.2f} ms",
            f"load before {os.getloadavg()[0]:.1f}",
        )
    )


def sync_ms(folder):
    """The median of 100 fdatasyncs of 4 KiB appended to a preallocated file."""
    path, times = folder / "sync-probe", []
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        os.posix_fallocate(fd, 0, 1 << 20)
        os.fsync(fd)
        for i in range(100):
            os.pwrite(fd, os.urandom(4096), i * 4096)
            start = time.monotonic()
            os.fdatasync(fd)
            times.append(time.monotonic() - start)
    finally:
        os.close(fd)
        path.unlink()
    return sorted(times)[50] * 1000
