"""Floods one daemon, and measures what it costs; run by Deploy/benchmark-flood."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

TOKEN = "a-token-for-this-measurement-only"
PATH = "/v1/channels/portale/messages"
SECRETS = [
    "PORTALE_TOKEN", "CALLCENTER_TOKEN", "SPORTELLO_TOKEN", "OFFICE_TOKEN", "IO_KEY", "IO_KEY_2", "IO_KEY_MENSA",
    "IO_KEY_TARI", "IO_KEY_IMU", "IO_KEY_CUP",
]


class Daemon:
    """Fidenza on a private PostgreSQL below a directory of its own."""

    def __init__(self, binary, folder):
        environment = dict(os.environ, PASQUINO_CONFIG="Config/fidenza", PASQUINO_LISTEN="127.0.0.1:0",
                           STATE_DIRECTORY=folder, PASQUINO_SMTP="smtp://127.0.0.1:9")
        for number, name in enumerate(SECRETS):
            environment["PASQUINO_" + name] = f"{TOKEN}-{number}"
        environment["PASQUINO_PORTALE_TOKEN"] = TOKEN
        environment["PASQUINO_PORTALE_SECRET"] = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNk"
        self.log = open(os.path.join(folder, "log"), "w+b")
        self.process = subprocess.Popen([binary, "serve"], env=environment, stdout=self.log, stderr=self.log)
        self.port = None

    def ready(self):
        end = time.monotonic() + 120
        while time.monotonic() < end and self.process.poll() is None:
            with open(self.log.name, "rb") as log:
                for line in log:
                    if b"ready on 127.0.0.1:" in line:
                        self.port = int(line.split(b"ready on 127.0.0.1:")[1].split()[0])
                        return
            time.sleep(0.1)
        with open(self.log.name, errors="replace") as log:
            sys.exit("the daemon did not start:\n" + log.read())

    def memory(self):
        """MB that it has now, and had at most."""
        with open(f"/proc/{self.process.pid}/status") as status:
            values = dict(line.split(":", 1) for line in status)
        return [round(int(values[name].split()[0]) / 1024) for name in ("VmRSS", "VmHWM")]


async def ask(port, head, body=b""):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head + body)
        answer = await asyncio.wait_for(reader.read(), 60)
        return int(answer.split(b" ", 2)[1])
    finally:
        writer.close()


def post(length, *fields):
    lines = [f"POST {PATH} HTTP/1.1", "Host: x", "Content-Type: application/json", f"Content-Length: {length}", *fields]
    return "\r\n".join(lines + ["", ""]).encode()


BEARER = f"Authorization: Bearer {TOKEN}"
count = 0


async def honest(port, seconds):
    """Milliseconds that each of somebody's messages takes, one after the other; any refusal ends the run."""
    global count
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        count += 1
        body = json.dumps({"id": f"m{count}", "text": "Una buca in via Roma"}).encode()
        start = time.monotonic()
        status = await ask(port, post(len(body), BEARER, "Connection: close"), body)
        times.append((time.monotonic() - start) * 1000)
        if status != 201:
            sys.exit(f"an honest message was answered {status}")
        await asyncio.sleep(0.12)  # a channel takes ten a second
    return sorted(times)


async def idle(port, say, again):
    """One connection that says `say` and then `again` every five seconds, and comes back when it is closed."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(say)
                while True:
                    with contextlib.suppress(asyncio.TimeoutError):
                        if not await asyncio.wait_for(reader.read(4096), 5):
                            break
                    writer.write(again)
            finally:
                writer.close()
        await asyncio.sleep(1)


async def flood(port, head, body):
    while True:
        with contextlib.suppress(OSError, asyncio.TimeoutError, IndexError, ValueError):
            await ask(port, head, body)
        await asyncio.sleep(0)


async def measure(name, daemon, seconds, crowd):
    tasks = []
    for number, work in enumerate(crowd):
        tasks.append(asyncio.create_task(work))
        if number % 200 == 199:
            await asyncio.sleep(0.05)
    await asyncio.sleep(min(10, seconds / 2) if tasks else 0)
    times = await honest(daemon.port, seconds)
    now, most = daemon.memory()
    pending = tasks
    while pending:  # a wait that ends as it is cancelled loses the word
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=1)
    p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    print(f"| {name} | {len(tasks)} | {now} | {most} | {len(times)} | {p50:.0f} | {p99:.0f} |", flush=True)


async def main(daemon, connections, seconds):
    port = daemon.port
    print("| beside | connections | MB | MB at most | messages | p50 ms | p99 ms |\n|---|---|---|---|---|---|---|")
    large = b'{"id":"x","text":"' + b"a" * 1_000_000 + b'"}'
    now = int(time.time())
    signed = post(len(large), f"webhook-timestamp: {now}", "webhook-id: 1", "webhook-signature: v1," + "A" * 43 + "=")
    few = max(10, connections // 30)
    await measure("nothing", daemon, seconds, [])
    await measure("connections that say nothing", daemon, seconds, [idle(port, b"", b"") for _ in range(connections)])
    await measure("heads that drip", daemon, seconds,
                  [idle(port, f"POST {PATH} HTTP/1.1\r\nX: ".encode(), b"a") for _ in range(connections)])
    await measure("bodies that drip, proven", daemon, seconds,
                  [idle(port, post(1_000_000, BEARER), b"a") for _ in range(connections)])
    await measure("bodies of 1 MB without a proof", daemon, seconds,
                  [flood(port, post(len(large), "Connection: close"), large) for _ in range(few)])
    await measure("bodies of 1 MB with a false signature", daemon, seconds,
                  [flood(port, signed, large) for _ in range(few)])
    await measure("bodies of 1 MB that stop before the end", daemon, seconds,
                  [idle(port, signed + large[:900_000], b"") for _ in range(few)])
    await measure("nothing, afterwards", daemon, seconds, [])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="pasquino-flood-") as folder:
        os.chmod(folder, 0o711)  # started as root, PostgreSQL runs as another user
        daemon = Daemon(sys.argv[1], folder)
        try:
            daemon.ready()
            asyncio.run(main(daemon, int(sys.argv[2]), int(sys.argv[3])))
            died = daemon.process.poll()
        finally:
            if daemon.process.poll() is None:
                daemon.process.send_signal(signal.SIGTERM)
            status = daemon.process.wait(120)
        if died is not None or status != 0:
            sys.exit(f"the daemon ended with {status}")
