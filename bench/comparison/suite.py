"""What is compared: a row a scenario. A new scenario is one more row."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A column of godwit-bench's report, and how to read it."""

    key: str
    title: str
    more_is_better: bool = False


@dataclass(frozen=True)
class Row:
    """`messages` is what a fast broker gets, `slow_messages` what mosquitto gets, so that both are
    measured for a few seconds; None leaves godwit-bench's own number."""

    name: str
    load: str  # The scenario and options of godwit-bench.
    figures: tuple[Figure, ...]
    messages: int | None = None
    slow_messages: int | None = None
    godwit_settings: tuple[str, ...] = ()  # For --set.
    transport: str = "tcp"  # tcp, tls or websocket.
    users: int = 0  # With a password each; 0: anybody may connect.


RATE = Figure("rate", "messages/s", more_is_better=True)
CPU = Figure("cpu_us_per_msg", "CPU us/message")
DELIVERY = (CPU, RATE)
RETAINED = (
    Figure("store_cpu_us_per_msg", "CPU us/message stored"),
    Figure("fetch_cpu_us_per_msg", "CPU us/message fetched"),
    Figure("rss_bytes_per_msg", "bytes/message"),
)
LATENCY = (
    Figure("p50_us", "p50 us"),
    Figure("p90_us", "p90 us"),
    Figure("p99_us", "p99 us"),
    CPU,
)

UNLIMITED_QUEUES = ("session.max_queued_messages=0", "session.max_queued_bytes=0")

ROWS = (
    Row("p2p-q0", "p2p --pairs 50 --qos 0", DELIVERY, 40_000, 6_000),
    Row("p2p-q1", "p2p --pairs 50 --qos 1", DELIVERY, 20_000, 3_000),
    Row("p2p-q2", "p2p --pairs 50 --qos 2", DELIVERY, 10_000, 1_500),
    Row("p2p-q1-persistent", "p2p --pairs 50 --qos 1 --persistent 1", DELIVERY, 20_000, 3_000),
    Row("p2p-q2-persistent", "p2p --pairs 50 --qos 2 --persistent 1", DELIVERY, 4_000, 1_500),
    Row("p2p-1pair", "p2p --pairs 1 --window 1000", DELIVERY, 2_000_000, 250_000),
    Row("p2p-w1", "p2p --pairs 50 --window 1", DELIVERY, 4_000, 4_000),
    Row("fanout", "fanout --pubs 1 --subs 1000", DELIVERY, 2_000, 300),
    Row("fanin-share", "fanin --pubs 200 --subs 10 --mode share", DELIVERY, 10_000, 1_500),
    Row("fanin-plain", "fanin --pubs 200 --subs 1 --mode plain", DELIVERY, 10_000, 1_500),
    Row(
        "trie",
        "trie --filters 200000",
        (
            Figure("sub_cpu_us_per_msg", "CPU us/subscription"),
            Figure("cpu_us_per_publish", "CPU us/publication"),
            Figure("rss_bytes_per_sub", "bytes/subscription"),
            CPU,
        ),
        200_000,
        50_000,
    ),
    Row("retained", "retained --sub-qos 0", RETAINED, 200_000, 200_000),
    Row("retained-q1", "retained --sub-qos 1", RETAINED, 200_000, 200_000),
    Row(
        "connect",
        "connect --conns 50",
        (
            Figure("cpu_us_per_msg", "CPU us/connection"),
            Figure("rate", "connections/s", more_is_better=True),
        ),
        20_000,
        20_000,
    ),
    Row(
        "idle",
        "idle --conns 15000",
        (
            Figure("rss_bytes_per_conn", "bytes/connection"),
            Figure("cpu_us_per_msg", "CPU us/connection opened"),
            Figure("idle_cpu_s", "CPU s while held"),
        ),
    ),
    Row("latency-q0", "latency --rate 5000 --pairs 50 --seconds 6 --qos 0", LATENCY),
    Row("latency-q1", "latency --rate 5000 --pairs 50 --seconds 6 --qos 1", LATENCY),
    Row(
        "latency-q1-persistent",
        "latency --rate 5000 --pairs 50 --seconds 6 --qos 1 --persistent 1",
        LATENCY,
    ),
    Row(
        "offline",
        "offline --sessions 2",
        (
            Figure("enqueue_cpu_us_per_msg", "CPU us/message queued"),
            Figure("enqueue_rate", "messages/s queued", more_is_better=True),
            Figure("drain_cpu_us_per_msg", "CPU us/message drained"),
            Figure("drain_rate", "messages/s drained", more_is_better=True),
            Figure("rss_bytes_per_msg", "bytes/message queued"),
        ),
        100_000,
        100_000,
        UNLIMITED_QUEUES,
    ),
    Row("ack-always", "ack", LATENCY, 5_000, 5_000, ("persistence.sync=always", *UNLIMITED_QUEUES)),
    Row("ack-interval", "ack", LATENCY, 5_000, 5_000, UNLIMITED_QUEUES),
)


def find_rows(names, rows=ROWS):
    """The rows of these names, in the suite's order; all of them when there are none."""
    known = {row.name for row in rows}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"unknown scenario {unknown[0]!r}; there are {', '.join(sorted(known))}")
    return [row for row in rows if not names or row.name in names]
