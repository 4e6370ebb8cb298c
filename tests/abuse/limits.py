"""More of something than limits allow, where nothing of it is malformed."""

import time

from attack import attack, is_closed_within
from raw_client import Closed, connack, connect, publish


@attack
def too_many_from_one_address(attacker):
    """More connections than limits.max_connections_per_address: those beyond are closed at once, and
    a place that becomes free is given again."""
    limit = attacker.target.settings["connections_per_address"]
    source = attacker.source.replace("127.66.", "127.99.")
    clients = [takes_a_place(attacker, source) for _ in range(limit)]
    for _ in range(5):
        assert is_closed_within(attacker.open(source=source), 10)
    clients[0].disconnect()
    takes_a_place(attacker, source)


def takes_a_place(attacker, source):
    """As soon as there is one: who has left has left for the broker a little later."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return attacker.open(source=source).connect(attacker.new_id())
        except (Closed, OSError):
            assert time.monotonic() < deadline, "no place becomes free"


@attack
def two_devices_with_one_client_id(attacker):
    """Takes one client id over again and again: from limits.takeover_rate on newcomers are refused
    with CONNACK 3, and who is connected stays."""
    name = attacker.new_id()
    holder = attacker.client(name)
    for _ in range(attacker.target.settings["takeover_rate"]):
        newcomer = attacker.client(name)
        holder.expect_closed()
        holder = newcomer
    for _ in range(5):
        attacker.refuses(connect(name), connack(3))
    holder.expect_quiet()


@attack
def publishes_too_fast(attacker):
    """Publishes more than limits.publish_rate: it has to wait for its acknowledgements, and nothing
    is lost."""
    rate = attacker.target.settings["publish_rate"]
    client = attacker.client()
    begin = time.monotonic()
    client.send(*(publish("abuse/t", "x", 1, one) for one in range(1, 2 * rate + 1)))
    for _ in range(2 * rate):
        client.receive()
    assert time.monotonic() - begin > 0.9
