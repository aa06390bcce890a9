"""A name server on loopback that says of every domain D: its mail exchanger is mx.D. For routing by DNS without the network."""

import socket
import struct
import threading


class NameServer:
    """UDP only, a daemon thread; the relay's JVM is pointed to it with -Ddns.server."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            self.socket.sendto(answer(query), client)


def answer(query):
    end = 12
    while query[end]:
        end += 1 + query[end]
    question = query[12 : end + 5]
    kind = struct.unpack("!H", query[end + 1 : end + 3])[0]
    # To the question: the same id, an authoritative answer, no error; without an MX there is no data.
    count = 1 if kind == 15 else 0
    header = query[:2] + struct.pack("!HHHHH", 0x8580, 1, count, 0, 0)
    exchanger = struct.pack("!H", 10) + b"\x02mx\xc0\x0c"
    record = struct.pack("!HHHIH", 0xC00C, 15, 1, 3600, len(exchanger)) + exchanger
    return header + question + (record if count else b"")
