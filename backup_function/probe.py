"""The handler of the drill's probe: connects to a restored database, and says whether it could.

Alone in the drill's network, from which no API of AWS can be reached: it imports nothing but the
standard library, and all that it knows is in its answer.
"""

import socket
import time
from typing import Any

# A database may be `available` a moment before it listens.
SECONDS = 60
ATTEMPT_SECONDS = 5
PAUSE_SECONDS = 1
LAST_PORT = 65535


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Connect to ``host`` and ``port`` until it works or a minute is over.

    Answers ``ok`` with the milliseconds of the connection, or with the reason why there is none.
    """
    host, port = event.get("host"), event.get("port")
    if not (isinstance(host, str) and host and type(port) is int and 0 < port <= LAST_PORT):
        return {"ok": False, "reason": f"the event needs a host and a port from 1 to {LAST_PORT}"}
    until = time.monotonic() + SECONDS
    while True:
        began = time.monotonic()
        try:
            socket.create_connection((host, port), ATTEMPT_SECONDS).close()
        except OSError as error:
            if time.monotonic() + PAUSE_SECONDS > until:
                reason = f"no connection to {host}:{port} in {SECONDS} seconds: {error}"
                return {"ok": False, "reason": reason}
            time.sleep(PAUSE_SECONDS)
        else:
            return {"ok": True, "milliseconds": round((time.monotonic() - began) * 1000)}
