"""At the port that wants to know who is there."""

from attack import attack
from raw_client import Will, connack, connect, publish, puback, suback, subscribe

# Wrong, not to be checked, and more waiting than there is room for.
REFUSED = (connack(5), connack(4), connack(3))


def is_refused(attacker, client_id=None, **login):
    client = attacker.open("auth")
    client.send(connect(client_id or attacker.new_id(), **login))
    answer = client.receive().raw
    client.expect_closed()
    return answer in REFUSED


@attack
def anonymous_where_denied(attacker):
    """No user name where one is wanted: refused with CONNACK 5."""
    client = attacker.open("auth")
    client.send(connect(attacker.new_id()))
    client.expect(connack(5))
    client.expect_closed()


@attack
def wrong_passwords(attacker):
    """Wrong, empty, missing and huge passwords, of users that exist and of others: refused alike."""
    for user in ("mallory", "nobody", "", "bystander\u0301", "mallory:x"):
        for password in ("wrong", "", None, "p" * 60_000):
            assert is_refused(attacker, user=user, password=password), (user, password)


@attack
def brute_force(attacker):
    """Tries one password after the other: locked out after auth.lockout.failures, then even the
    right one is refused there, and accepted from anywhere else."""
    login = {"user": "victim", "password": "right"}
    for number in range(attacker.target.settings["lockout_failures"]):
        assert is_refused(attacker, user="victim", password=f"guess {number}")
    assert is_refused(attacker, **login)
    elsewhere = attacker.open("auth", source=attacker.source.replace("127.66.", "127.88."))
    elsewhere.connect(attacker.new_id(), **login)


@attack
def password_flood(attacker):
    """Fifty CONNECTs at once with passwords that were never tried, each of them work for a hash:
    all are refused, and who is known already comes in meanwhile."""
    clients = [attacker.open("auth") for _ in range(50)]
    for client in clients:
        client.send(connect(attacker.new_id(), user=attacker.new_id(), password="guess"))
    attacker.client(listener="auth", user="mallory", password="mallory's").expect_quiet()
    for client in clients:
        assert client.receive().raw in REFUSED
        client.expect_closed()


@attack
def theft_of_a_client_id(attacker):
    """Connects with the client id of another user, to take the session over: CONNACK 5, and the
    holder stays."""
    login = {"user": "mallory", "password": "mallory's"}
    for clean in (True, False):
        client = attacker.open("auth")
        client.send(connect("bystander-publisher", clean=clean, **login))
        client.expect(connack(5))
        client.expect_closed()


@attack
def forbidden_topics(attacker):
    """Publishes, subscribes and leaves a will where its access rules do not let it: 0x80, and what
    it publishes reaches nobody. The bystander would tell."""
    login = {"user": "mallory", "password": "mallory's"}
    client = attacker.client(
        listener="auth", will=Will("bystander/data", "forged", 1), **login
    )
    client.send(subscribe(1, ("bystander/data", 1), ("bystander/#", 1), ("$share/g/bystander/data", 1)))
    client.expect(suback(1, 0x80, 0x80, 0x80))
    client.send(publish("bystander/data", "forged", 1, 2), publish("bystander/data", "", 1, 3, True))
    client.expect(puback(2), puback(3))
    client.close()


@attack
def listens_to_everything(attacker):
    """Subscribes to # under rules that allow it little: it gets what it may read, and no more."""
    login = {"user": "mallory", "password": "mallory's"}
    client = attacker.client(listener="auth", **login).subscribe(("#", 0))
    client.send(*(publish(attacker.topic("mine"), "x") for _ in range(100)))
    for _ in range(100):
        message = client.receive()
        assert message.topic.startswith("abuse/"), message.topic
