"""Packets that MQTT forbids: each closes its connection, and no other."""

from attack import attack, drain
from raw_client import (
    PINGREQ_BYTES, PUBACK, PUBCOMP, PUBREC, Will, ack, connack, connect, packet, puback, pubcomp,
    publish, pubrec, pubrel, suback, subscribe, text, unsubscribe,
)


@attack
def connect_twice(attacker):
    """A second CONNECT closes the connection. [MQTT-3.1.0-2]"""
    attacker.closes(connect(attacker.new_id()))


@attack
def packets_before_connect(attacker):
    """Any other packet first: closed without an answer. [MQTT-3.1.0-1]"""
    for data in (
        publish("t", "x"), publish("t", "x", 2, 1), puback(1), subscribe(1, ("#", 0)),
        unsubscribe(1, "#"), PINGREQ_BYTES, b"\xe0\x00",
    ):
        attacker.refuses(data)


@attack
def reserved_packet_types(attacker):
    """Types 0 and 15 close the connection."""
    attacker.closes(b"\x00\x00")
    attacker.closes(b"\xf0\x00")


@attack
def reserved_flags(attacker):
    """Flags that a packet must not have close the connection. [MQTT-2.2.2-2]"""
    for data in (
        b"\x80\x06\x00\x01\x00\x01t\x00", b"\xa1\x05\x00\x01\x00\x01t", b"\x60\x02\x00\x01",
        b"\x41\x02\x00\x01", b"\xc1\x00", b"\xe1\x00",
    ):
        attacker.closes(data)


@attack
def packets_of_a_server(attacker):
    """CONNACK, SUBACK, UNSUBACK and PINGRESP from a client close its connection."""
    for data in (connack(), suback(1, 0), b"\xb0\x02\x00\x01", b"\xd0\x00"):
        attacker.closes(data)


@attack
def invalid_utf8(attacker):
    """Texts that are no UTF-8, in every packet that has one. [MQTT-1.5.3-1]"""
    for bad in (b"\xff", b"a\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"):
        attacker.closes(publish(bad, "x"))
        attacker.closes(subscribe(1, (bad, 0)))
        attacker.closes(unsubscribe(1, bad))
        attacker.refuses(connect(bad))
        attacker.refuses(connect("x", will=Will(bad, "x")))
        attacker.refuses(connect("x", user=bad))


@attack
def nul_in_texts(attacker):
    """The character NUL, which C programs end at: closed. [MQTT-1.5.3-2]"""
    attacker.closes(publish(b"abuse\0/secret", "x"))
    attacker.closes(subscribe(1, (b"a\0b", 0)))
    attacker.refuses(connect(b"bystander-publisher\0"))
    attacker.refuses(connect("x", user=b"root\0"))


@attack
def qos_3(attacker):
    """QoS 3, in a PUBLISH, a SUBSCRIBE and a will: closed. [MQTT-3.3.1-4]"""
    attacker.closes(b"\x36\x05\x00\x01t\x00\x01")
    attacker.closes(subscribe(1, ("t", 3)))
    attacker.refuses(packet(0x10, text("MQTT") + b"\4\x1e\0\0\0\1x\0\1w\0\0"))


@attack
def packet_id_0(attacker):
    """The packet id that is none: closed. [MQTT-2.3.1-1]"""
    for data in (
        publish("t", "x", 1, 0), publish("t", "x", 2, 0), subscribe(0, ("t", 0)), unsubscribe(0, "t"),
    ):
        attacker.closes(data)


@attack
def remaining_length_of_5_bytes(attacker):
    """A length that never ends: closed at its fifth byte, before and after CONNECT."""
    attacker.closes(b"\x30\x80\x80\x80\x80\x01")
    attacker.refuses(b"\x10\xff\xff\xff\xff\x7f")


@attack
def remaining_length_of_256_mib(attacker):
    """Promises the largest packet there is: closed at once, without keeping room for it."""
    attacker.closes(b"\x30\xff\xff\xff\x7f\x00\x01t")


@attack
def lengths_that_lie(attacker):
    """Texts that reach beyond their packet, and packets with bytes left over: closed."""
    for data in (
        b"\x30\x03\x00\x05t", b"\x82\x05\x00\x01\x00\xfft", b"\x82\x02\x00\x01", b"\x40\x01\x00",
        b"\x40\x03\x00\x01\x00", b"\xc0\x01\x00", b"\x32\x03\x00\x01t",
    ):
        attacker.closes(data)
    attacker.refuses(packet(0x10, text("MQTT") + b"\4\2\0\0\xff\xffx"))
    attacker.refuses(packet(0x10, text("MQTT") + b"\4\2\0\0\0\1xx"))


@attack
def wildcards_in_topic_names(attacker):
    """A PUBLISH or a will to + or #: closed, so that it reaches nobody. [MQTT-3.3.2-2]"""
    attacker.closes(publish("#", "x"))
    attacker.closes(publish("bystander/+", "x"))
    attacker.refuses(connect("x", will=Will("bystander/#", "x")))


@attack
def empty_subscribe(attacker):
    """SUBSCRIBE and UNSUBSCRIBE without a filter, or with an empty one: closed."""
    for data in (subscribe(1), unsubscribe(1), subscribe(1, ("", 0)), unsubscribe(1, "")):
        attacker.closes(data)


@attack
def malformed_filters(attacker):
    """Wildcards where none may stand: 0x80, and the others of that SUBSCRIBE are granted.
    [MQTT-4.7.1-2] [MQTT-4.7.1-3]"""
    client = attacker.client()
    bad = ("a/#/b", "a#", "a+/b", "+a", "#/#")
    client.send(subscribe(1, *((one, 0) for one in bad), (attacker.topic("t"), 0)))
    client.expect(suback(1, *[0x80] * len(bad), 0))


@attack
def malformed_shares(attacker):
    """Groups without a name, with wildcards, or without a filter: 0x80, and the client stays."""
    client = attacker.client()
    bad = ("$share//t", "$share/a+/t", "$share/#/t", "$share/group", "$share/group/", "$queue/")
    client.send(subscribe(7, *((one, 1) for one in bad)))
    client.expect(suback(7, *[0x80] * len(bad)))
    client.expect_quiet()


@attack
def forged_connect_flags(attacker):
    """Reserved flags, a will QoS without a will, a password without a user name: closed."""
    for flags in (3, 0x0A, 0x22, 0x42):
        attacker.refuses(packet(0x10, text("MQTT") + bytes([4, flags]) + b"\0\0\0\1x\0\1p"))


@attack
def unknown_protocols(attacker):
    """Names and levels that are not ours: CONNACK 1 where the level is wrong. [MQTT-3.1.2-2]"""
    attacker.refuses(connect("x", level=5), connack(1))
    attacker.refuses(connect("x", level=0), connack(1))
    attacker.refuses(connect("x", level=255), connack(1))


@attack
def no_client_id_to_keep(attacker):
    """A persistent session without a client id: CONNACK 2. [MQTT-3.1.3-8]"""
    attacker.refuses(connect("", clean=False), connack(2))


@attack
def acknowledges_the_unknown(attacker):
    """Acknowledges what was never sent: answered as the flows say, and without effect."""
    client = attacker.client()
    for packet_id in (1, 77, 65535):
        client.send(ack(PUBACK, packet_id), ack(PUBCOMP, packet_id))
        client.send(ack(PUBREC, packet_id))
        client.expect(pubrel(packet_id))
        client.send(pubrel(packet_id))
        client.expect(pubcomp(packet_id))
    client.expect_quiet()


@attack
def too_many_without_pubrel(attacker):
    """QoS 2 messages that are never released: closed at session.max_awaiting_rel."""
    client = attacker.client()
    limit = attacker.target.settings["max_awaiting_rel"]
    for packet_id in range(1, limit + 1):
        client.send(publish(attacker.topic("t"), "x", 2, packet_id))
    client.expect(*(pubrec(packet_id) for packet_id in range(1, limit + 1)))
    attacker.closes(publish(attacker.topic("t"), "x", 2, limit + 1), client)


@attack
def repeated_qos_2(attacker):
    """Sends one QoS 2 message a hundred times with DUP: it is delivered once. One PUBREC answers
    those that come before it."""
    witness = attacker.client().subscribe((attacker.topic("once"), 0))
    client = attacker.client()
    for number in range(100):
        client.send(publish(attacker.topic("once"), "x", 2, 5, dup=number > 0))
    client.expect(pubrec(5))
    client.send(pubrel(5))
    drain(client, lambda packet: packet.raw == pubcomp(5))
    witness.expect_publish(attacker.topic("once"), "x")
    witness.expect_quiet()


@attack
def publishes_to_sys(attacker):
    """Publishes to $SYS: acknowledged, so that it learns nothing, and delivered to nobody."""
    witness = attacker.client().subscribe(("$SYS/broker/abuse/#", 1))
    client = attacker.client()
    for topic in ("$SYS/broker/abuse/a", "$local/$SYS/broker/abuse/b"):
        client.publish(topic, "forged", 1).publish(topic, "forged", 1, retain=True)
    witness.expect_quiet()
    late = attacker.client().subscribe(("$SYS/broker/abuse/#", 1))
    late.expect_quiet()


@attack
def publishes_to_prefixes(attacker):
    """Publishes to $share and $queue as if they were topics: acknowledged, delivered to nobody."""
    witness = attacker.client().subscribe((attacker.topic("#"), 1))
    client = attacker.client()
    client.publish("$share/group/" + attacker.topic("a"), "x", 1)
    client.publish("$queue/" + attacker.topic("a"), "x", 1)
    witness.expect_quiet()
