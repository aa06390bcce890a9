"""The API-server tier of the test bed for a benchmark: etcd, API server and Kubernetes' own controllers as processes on loopback.

No node and no scheduler: pods are objects that stay Pending. Nothing needs root. Ends with the script.
"""

import http.client
import json
import re
import ssl
import subprocess
import time
import urllib.parse
import uuid

from machine import ROOT, Failure, Lacking, Program, free_port, wait_until

SERVICE_ACCOUNTS = "https://kubernetes.default.svc"


def programs():
    """The folder with kube-apiserver, kubectl, helm and so on, built at the first time."""
    done = subprocess.run([str(ROOT / "src/testbed/build")], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Lacking("the test bed's programs are missing; see above")
    return done.stdout.strip().splitlines()[-1]


class Connection:
    """To the API server as one user, for one thread: keeps one connection, and throttles nothing."""

    def __init__(self, server, token):
        self.token = token
        context = ssl.create_default_context(cafile=str(server.folder / "certificates/apiserver.crt"))
        self.http = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=60, context=context)

    def ask(self, method, path, body=None, kind="application/json", accept="application/json", but=()):
        """The answer's octets. but: statuses that are as good as success."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        self.http.request(method, path, data, {"Authorization": "Bearer " + self.token, "Content-Type": kind, "Accept": accept})
        response = self.http.getresponse()
        text = response.read()
        if response.status >= 300 and response.status not in but:
            raise Failure(f"the API server answers {response.status} to {method} {path}: {text[:500].decode(errors='replace')}")
        return text

    def items(self, path, metadata_only=True, **query):
        """All of a list; metadata_only spares the API server and us the rest of each object."""
        accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" if metadata_only else "application/json"
        path += "?" + urllib.parse.urlencode(query) if query else ""
        return json.loads(self.ask("GET", path, accept=accept))["items"] or []


class ApiServer:
    def __init__(self, folder, controllers=True):
        self.folder, self.bin, self.port = folder, programs(), free_port()
        self.token = uuid.uuid4().hex
        etcd = free_port()
        (folder / "tokens").write_text(self.token + ",admin,admin,system:masters\n")
        subprocess.run(["openssl", "genrsa", "-out", str(folder / "accounts.key"), "2048"], check=True, stderr=subprocess.DEVNULL)
        subprocess.run(["openssl", "rsa", "-in", str(folder / "accounts.key"), "-pubout", "-out", str(folder / "accounts.pub")], check=True, stderr=subprocess.DEVNULL)
        clients, peers = f"http://127.0.0.1:{etcd}", f"http://127.0.0.1:{free_port()}"
        # As for the tests: nothing here outlives a crash, so etcd need not sync.
        self.etcd = self.run(
            "etcd",
            f"--data-dir={folder}/etcd",
            "--unsafe-no-fsync",
            f"--listen-client-urls={clients}",
            f"--advertise-client-urls={clients}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
        )
        self.server = self.run(
            "kube-apiserver",
            f"--etcd-servers={clients}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            f"--secure-port={self.port}",
            f"--cert-dir={folder}/certificates",
            f"--token-auth-file={folder}/tokens",
            "--authorization-mode=RBAC",
            "--allow-privileged",
            # No pod runs, so none needs the account that a controller would have to make first.
            "--disable-admission-plugins=ServiceAccount",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=" + SERVICE_ACCOUNTS,
            f"--service-account-key-file={folder}/accounts.pub",
            f"--service-account-signing-key-file={folder}/accounts.key",
        )
        wait_until(self.ready, 60, "the API server", pause=0.2, program=self.server)
        self.admin = self.connect()
        self.kubeconfig = self.write_kubeconfig("admin", self.token)
        self.controllers = None
        if controllers:
            self.start_controllers()

    def start_controllers(self):
        self.controllers = self.run(
            "kube-controller-manager",
            f"--kubeconfig={self.kubeconfig}",
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
            "--secure-port=0",
            "--use-service-account-credentials",
            f"--service-account-private-key-file={self.folder}/accounts.key",
            f"--root-ca-file={self.folder}/certificates/apiserver.crt",
            # It would tell again and again, by events, that there are no volumes for claims of pods that wait for a node.
            "--controllers=*,-persistentvolume-binder-controller",
        )

    def run(self, program, *arguments):
        return Program([f"{self.bin}/{program}", *arguments], self.folder / f"{program}.log", cwd=self.folder)

    def ready(self):
        try:
            return self.connect().ask("GET", "/readyz") == b"ok"
        except (OSError, Failure, http.client.HTTPException):
            return False

    def connect(self, token=None):
        return Connection(self, token or self.token)

    def write_kubeconfig(self, name, token):
        path = self.folder / f"{name}.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": "bench", "cluster": {"server": f"https://127.0.0.1:{self.port}", "certificate-authority": f"{self.folder}/certificates/apiserver.crt"}}],
                    "users": [{"name": name, "user": {"token": token}}],
                    "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": name}}],
                    "current-context": "bench",
                }
            )
        )
        return path

    def command(self, program, *arguments, text=None):
        """Output of kubectl or helm, as administrator."""
        done = subprocess.run(
            [f"{self.bin}/{program}", "--kubeconfig", str(self.kubeconfig), *map(str, arguments)],
            input=text,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise Failure(f"{program} {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout

    def requests(self):
        """How many requests were answered since its start, by (verb, resource): everybody's, and the API server's own."""
        counts = {}
        # A connection of its own: the API server closes one that was idle for long.
        for line in self.connect().ask("GET", "/metrics", accept="text/plain").decode().splitlines():
            if line.startswith("apiserver_request_total{"):
                labels, _, value = line.rpartition(" ")
                label = dict(re.findall(r'(\w+)="([^"]*)"', labels))
                what = "/".join(filter(None, (label["resource"], label["subresource"])))
                key = (label["verb"], what)
                counts[key] = counts.get(key, 0) + int(float(value))
        return counts


READS = ("GET", "LIST", "WATCH", "WATCHLIST", "CONNECT", "HEAD", "OPTIONS", "PROXY")


def since(before, now, writes):
    """What was asked between two counts: writes, or reads; but no Lease, by which replicas and API servers say that they live."""
    difference = {}
    for (verb, resource), count in now.items():
        more = count - before.get((verb, resource), 0)
        if more and resource != "leases" and (verb not in READS) == writes:
            difference[f"{verb} {resource}"] = more
    return difference


def told(counts):
    """'APPLY secrets 3, …', the most frequent first."""
    ordered = sorted(counts.items(), key=lambda entry: -entry[1])
    return ", ".join(f"{what} {count}" for what, count in ordered) or "none"


def await_quiet(server, seconds, patience):
    """Waits until nothing was written for so many seconds; gives after how many seconds the last write was seen."""
    start = last = time.monotonic()
    before = seen = server.requests()
    while time.monotonic() - last < seconds:
        if time.monotonic() - start > patience:
            raise Failure(f"there is no end of writing within {patience} s; the last: {told(since(before, seen, True))}")
        time.sleep(2)
        before, seen = seen, server.requests()
        if since(before, seen, True):
            last = time.monotonic()
    return last - start
