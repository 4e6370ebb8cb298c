"""The suite `transports`: what TLS, WebSocket and passwords cost."""

from comparison.suite import DELIVERY, Figure, Row

IDLE_CONNECTIONS = 9000
IDLE_TLS = "idle-tls"

HANDSHAKE = (
    Figure("per_cpu_s", "handshakes/CPU s", more_is_better=True),
    Figure("cpu_us_per_msg", "CPU us/handshake"),
)
IDLE = (
    Figure("rss_bytes_per_conn", "bytes/connection"),
    Figure("cpu_us_per_msg", "CPU us/connection opened"),
    Figure("idle_cpu_s", "CPU s while held"),
)
LOGIN = (
    Figure("first_cpu_us_per_msg", "CPU us/first login"),
    Figure("first_rate", "first logins/s", more_is_better=True),
    Figure("again_cpu_us_per_msg", "CPU us/login again"),
    Figure("again_rate", "logins again/s", more_is_better=True),
)

# 16 KiB in a window of 10: 160 KiB for each subscriber, which fit the queue that any broker has.
ROWS = (
    Row("handshake", "handshake", HANDSHAKE, 5_000, 5_000, transport="tls"),
    Row("handshake-resumed", "handshake --resume", HANDSHAKE, 10_000, 10_000, transport="tls"),
    Row("tls-64", "p2p --pairs 50", DELIVERY, 40_000, 6_000, transport="tls"),
    Row("tls-16k", "p2p --pairs 50 --window 10 --payload 16384", DELIVERY, 1_000, 400,
        transport="tls"),
    Row("websocket-64", "p2p --pairs 50", DELIVERY, 20_000, 6_000, transport="websocket"),
    Row(IDLE_TLS, f"idle --conns {IDLE_CONNECTIONS}", IDLE, transport="tls"),
    Row("idle-websocket", f"idle --conns {IDLE_CONNECTIONS}", IDLE, transport="websocket"),
    Row("login", "login --conc 8", LOGIN, users=200),
)
