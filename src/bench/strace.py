"""Reads what strace -f -ttt -T -yy wrote, and judges the order of writes, syncs and replies in it."""

import bisect
import os
import re

ENTERED = re.compile(r"^(\d+) +(\d+\.\d+) (\w+)\((.*)$")
RESUMED = re.compile(r"^(\d+) +\d+\.\d+ <\.\.\. (\w+) resumed>(.*)$")
RESULT = re.compile(r"\) += +(-?\d+|\?).*?(?:<(\d+\.\d+)>)?$")
DESCRIPTOR = re.compile(r"^\d+<([^>]*)")


class Call:
    """One system call: when it was entered and when it returned (seconds), what on, and its arguments as strace shows them."""

    def __init__(self, name, entered, arguments):
        self.name, self.entered, self.arguments = name, float(entered), arguments
        self.returned, self.result = None, None
        on = DESCRIPTOR.match(arguments)
        self.on = on.group(1) if on else ""

    def end(self, rest):
        self.arguments += rest
        result = RESULT.search(rest)
        if result and result.group(2) is not None:
            self.result = int(result.group(1))
            self.returned = self.entered + float(result.group(2))


def calls(path):
    """In the order in which they were entered. A thread is in one call at a time."""
    open_calls = {}
    with open(path, errors="replace") as f:
        for line in f:
            line = line.rstrip("\n")
            if entered := ENTERED.match(line):
                thread, time, name, rest = entered.groups()
                call = Call(name, time, "")
                if rest.endswith("<unfinished ...>"):
                    call.arguments = rest[: -len("<unfinished ...>")]
                    open_calls[thread] = call
                else:
                    call.end(rest)
                on = DESCRIPTOR.match(call.arguments)
                call.on = on.group(1) if on else ""
                yield call
            elif resumed := RESUMED.match(line):
                call = open_calls.pop(resumed.group(1), None)
                if call:
                    call.end(resumed.group(3))


class Trace:
    """What happened to the files below a folder, and which replies left."""

    def __init__(self, path, folder):
        self.folder = str(folder)
        self.writes, self.syncs, self.replies, self.named, self.renamed = [], {}, [], {}, {}
        for call in list(calls(path)):
            if call.returned is None or call.result is None or call.result < 0:
                continue
            self._take(call)

    def _take(self, call):
        if call.name in ("fsync", "fdatasync"):
            self.syncs.setdefault(call.on, []).append(call)
        elif call.name in ("openat", "open"):
            if "O_CREAT" in call.arguments and (opened := re.search(r'"([^"]*)"', call.arguments)):
                # A later open with O_CREAT, without O_EXCL, finds the file there: it makes no name.
                if "O_EXCL" in call.arguments or opened.group(1) not in self.named:
                    self.named.setdefault(opened.group(1), []).append(call)
        elif call.name.startswith("rename"):
            old, new = re.findall(r'"([^"]*)"', call.arguments)[:2]
            self.renamed[old] = new
            self.named.setdefault(new, []).append(call)
        elif call.on.startswith(self.folder):
            self.writes.append(call)
        elif "queued as" in call.arguments:
            self.replies.append(call)

    def judge(self, messages):
        """messages: queue id to the texts that its content begins and ends with. Gives a Verdict."""
        replies = {}
        for reply in self.replies:
            for queue_id in re.findall(r"queued as (\w+)", reply.arguments):
                replies.setdefault(queue_id, reply)
        where = {}
        texts = {text for pair in messages.values() for text in pair}
        pattern = re.compile("<<[a-z]+-[0-9]+>>")
        for write in self.writes:
            for text in pattern.findall(write.arguments):
                if text in texts:
                    where.setdefault(text, []).append(write)
        verdict = Verdict(len(messages))
        for queue_id, pair in messages.items():
            verdict.add(queue_id, self._fault(replies.get(queue_id), [where.get(text, []) for text in pair], verdict))
        return verdict

    def _fault(self, reply, writes, verdict):
        """None where the message was on disk before its 250 began to leave."""
        if reply is None:
            return "its 250 is not in the trace"
        for candidates in writes:
            before = [w for w in candidates if w.returned <= reply.entered]
            if not before:
                return "its content was written after its 250, or nowhere"
            if not any(self._synced(w, reply, verdict) for w in before):
                return f"{before[0].on} was not synced between its write and its 250"
        return None

    def _synced(self, write, reply, verdict):
        sync = self._first(self.syncs.get(write.on, []) + self.syncs.get(self.renamed.get(write.on, ""), []), write, reply)
        if sync is None:
            return False
        verdict.covering.add(id(sync))
        verdict.calls.add(sync.name)
        name = self.renamed.get(write.on, write.on)
        named = [c for c in self.named.get(name, []) if c.returned <= reply.entered]
        # Its name must be on disk too: the folder is synced after the file was created or renamed.
        return not named or self._first(self.syncs.get(os.path.dirname(name), []), named[-1], reply) is not None

    @staticmethod
    def _first(syncs, after, before):
        """A sync that began when the one had returned, and had returned when the other began."""
        syncs = sorted(syncs, key=lambda s: s.entered)
        start = bisect.bisect_left([s.entered for s in syncs], after.returned)
        return next((s for s in syncs[start:] if s.returned <= before.entered), None)


class Verdict:
    def __init__(self, messages):
        self.messages, self.faults, self.covering, self.calls = messages, [], set(), set()

    def add(self, queue_id, fault):
        if fault:
            self.faults.append(f"{queue_id}: {fault}")

    def text(self):
        kept = self.messages - len(self.faults)
        lines = [
            f"  {kept} of {self.messages} messages: content written, then synced ({', '.join(sorted(self.calls)) or 'never'}), "
            f"then their 250; {len(self.covering)} syncs covered them, {self.messages / max(1, len(self.covering)):.1f} messages a sync"
        ]
        return "\n".join(lines + ["  " + fault for fault in self.faults[:10]])
