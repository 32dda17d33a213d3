"""Does for a daemon what systemd's socket activation does: manager.py COMMAND...

Holds a listening socket on a port of its own, says `holding PORT`, and passes it on as descriptor 3 (sd_listen_fds(3)).
SIGUSR1 restarts the daemon, SIGTERM stops it.
"""
import os
import signal
import socket
import subprocess
import sys

listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
print("holding", listener.getsockname()[1], flush=True)
os.dup2(listener.fileno(), 3, inheritable=True)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGTERM})


def start():
    return subprocess.Popen(
        ["/bin/sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh", *sys.argv[1:]], pass_fds=[3],
        preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1, signal.SIGTERM}))


child = start()
while True:
    asked = signal.sigwait({signal.SIGUSR1, signal.SIGTERM})
    child.send_signal(signal.SIGTERM)
    status = child.wait()
    if asked == signal.SIGTERM:
        sys.exit(status)
    print("stopped with", status, flush=True)
    child = start()
