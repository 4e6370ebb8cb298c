"""More than the broker wants to take: it says no, or makes wait, and goes on serving the others."""

import contextlib
import os
import socket
import threading
import time
import unittest

from godwit_daemon import DaemonTestCase, on_loops, raise_descriptor_limit
from raw_client import (
    PINGREQ_BYTES, PINGRESP_BYTES, Closed, RawClient, RawClients, connack, connect, publish, puback,
)
from tools import MosquittoSub, mosquitto_pub


def port_of(client):
    return client.socket.getsockname()[1]


@on_loops(1, 4)
class PerAddress(RawClients, DaemonTestCase):
    settings = ("limits.max_connections_per_address=2",)

    def open_from(self, host):
        client = RawClient(self.daemon.address, source=(host, 0))
        self.addCleanup(client.close)
        return client

    def test_a_host_with_too_many_connections_is_turned_away_and_others_are_not(self):
        first, second = [self.client(f"client-{i}") for i in range(2)]
        with contextlib.suppress(ConnectionResetError):
            self.open().expect_closed()
        self.daemon.log.wait_for("too many connections from 127.0.0.1, 1 turned away")
        self.open_from("127.0.0.2").connect("other host")
        first.disconnect()
        self.wait_until(self.is_let_in, "the place of who left is free")
        second.expect_quiet()

    def is_let_in(self):
        with self.open() as client:
            try:
                client.connect("next")
            except (Closed, OSError):
                return False
            return True


@on_loops(1, 4)
class ConnectRate(RawClients, DaemonTestCase):
    settings = ("limits.connect_rate=20",)

    def test_who_comes_too_fast_waits_and_is_let_in(self):
        begin = time.monotonic()
        clients = [self.open() for _ in range(60)]
        for number, client in enumerate(clients):
            client.send(connect(f"client-{number}"))
        for client in clients:
            client.expect(connack())
        # Twenty at once, and twenty in each of two seconds.
        self.assertGreaterEqual(time.monotonic() - begin, 1.9)
        told = self.daemon.log.wait_for("more connections a second than limits.connect_rate")
        self.assertEqual(len(told), 1)


@on_loops(1, 4)
class TakeoverRate(RawClients, DaemonTestCase):
    settings = ("limits.takeover_rate=3",)

    def test_of_two_devices_with_one_id_one_stays_and_the_log_names_both(self):
        holder = self.client("shared")
        for _ in range(3):
            self.daemon.log.wait_for(f"client connected .*127.0.0.1:{port_of(holder)} ")
            former, holder = holder, self.client("shared")
            former.expect_closed()
        holder.subscribe(("t", 0))
        refused = [self.open() for _ in range(5)]
        for client in refused:
            client.send(connect("shared"))
            client.expect(connack(3))
            client.expect_closed()
        told = self.daemon.log.wait_for("fight for one client id")
        self.assertRegex(
            told[0],
            f'warning .*client_id="shared" holder=127.0.0.1:{port_of(holder)} '
            f"newcomer=127.0.0.1:{port_of(refused[0])}$",
        )
        self.daemon.log.wait_for("connection refused .*reason=takeover_limit", count=5)
        self.assertEqual(len(self.daemon.log.matching("fight for one client id")), 1)
        self.client("another").publish("t", "still here", 1)
        holder.expect_publish("t", "still here")


@on_loops(1, 4)
class PublishRate(RawClients, DaemonTestCase):
    settings = ("limits.publish_rate=50",)

    def test_mosquitto_pub_is_slowed_down_and_loses_nothing(self):
        for qos in (0, 1, 2):
            reader = MosquittoSub(self, self.daemon, topic="t", qos=qos, count=150)
            begin = time.monotonic()
            lines = [f"{i}" for i in range(150)]
            mosquitto_pub(self, self.daemon, "-l", topic="t", qos=qos, stdin="\n".join(lines) + "\n")
            got = [line.split()[3] for line in reader.messages()]
            self.assertEqual(got, lines)
            # Fifty at once, and fifty in each of two seconds.
            self.assertGreaterEqual(time.monotonic() - begin, 1.9)

    def test_a_flood_is_not_read_and_costs_no_memory(self):
        flooder = self.client("flooder")
        before = self.daemon.rss_bytes()
        flooder.socket.setblocking(False)
        message = publish("t", bytes(1000))
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while sent < 100_000_000:  # far more than the kernel's buffers hold
                sent += flooder.socket.send(message * 100)
        self.assertLess(sent, 100_000_000)
        self.assertLess(self.daemon.rss_bytes() - before, 5_000_000)
        self.client("other").publish("t", "x", 1)


class PublishBytesRate(RawClients, DaemonTestCase):
    settings = ("limits.publish_bytes_rate=100KiB",)

    def test_bytes_are_limited_and_a_large_message_still_passes(self):
        reader = self.client("reader").subscribe(("t", 0))
        publisher = self.client("publisher")
        begin = time.monotonic()
        publisher.send(publish("t", bytes(200 * 1024)), publish("t", "behind it"))
        self.assertEqual(len(reader.receive().payload), 200 * 1024)
        reader.expect_publish("t", "behind it")
        self.assertGreaterEqual(time.monotonic() - begin, 0.9)


@on_loops(1, 4)
class MemoryHighWater(RawClients, DaemonTestCase):
    # All that is queued is in memory, and as much of it as comes.
    settings = (
        "persistence.enabled=false", "limits.memory_high_water=120MiB", "session.max_inflight=10",
        "session.max_queued_bytes=0", "session.max_queued_messages=0", "limits.outbound_buffer=64KiB",
    )

    def test_beyond_it_nobody_is_let_in_and_publishers_wait_until_readers_have_read(self):
        reader = self.client("reader").subscribe(("t", 1))
        publisher = self.client("publisher")
        count = 8000  # of 20,000 bytes each, for a reader that does not read

        def publish_all():
            for number in range(count):
                publisher.send(publish("t", f"{number}".ljust(20_000), 1, number + 1))

        publishing = threading.Thread(target=publish_all)
        publishing.start()
        self.addCleanup(publishing.join)
        self.wait_until(self.is_refused, "newcomers are refused")
        self.daemon.log.wait_for("warning memory beyond limits.memory_high_water")
        self.daemon.log.wait_for("connection refused .*reason=memory_limit")
        self.assertLess(self.daemon.rss_bytes(), 200_000_000)

        for number in range(count):
            message = reader.receive()
            self.assertEqual(int(message.payload), number)
            reader.send(puback(message.packet_id))
        for number in range(count):
            publisher.expect(puback(number + 1))
        self.daemon.log.wait_for("warning memory below limits.memory_high_water again")
        self.wait_until(lambda: not self.is_refused(), "newcomers are let in")
        self.client("newcomer").publish("t", "let in", 1)
        reader.expect_publish("t", "let in", 1)

    def is_refused(self):
        with self.open() as client:
            client.send(connect(""))
            answer = client.receive().raw
        self.assertIn(answer, (connack(), connack(3)))
        return answer == connack(3)


@on_loops(1, 4)
class IdleNewcomers(RawClients, DaemonTestCase):
    COUNT = 10_000
    settings = ("mqtt.connect_timeout=5m",)

    def test_ten_thousand_that_say_nothing_cost_little(self):
        self.assertTrue(raise_descriptor_limit(self.COUNT + 200))
        before = self.daemon.rss_bytes()
        newcomers = [self.open() for _ in range(self.COUNT)]
        reader = self.client("reader").subscribe(("t", 0))
        self.client("publisher").publish("t", "served all the same", 1)
        reader.expect_publish("t", "served all the same")
        self.wait_until(lambda: self.daemon.descriptors() >= self.COUNT, "all are accepted")
        self.assertLess(self.daemon.rss_bytes() - before, self.COUNT * 2000)
        self.assertEqual(len(newcomers), self.COUNT)
        reader.expect_quiet()


@on_loops(1, 4)
class SlowConnects(RawClients, DaemonTestCase):
    COUNT = 300
    settings = ("mqtt.connect_timeout=2s",)

    def test_who_sends_a_byte_now_and_then_is_closed_in_time_and_nobody_waits(self):
        slow = [self.open() for _ in range(self.COUNT)]
        bytes_left = {one: connect("slow" * 1000) for one in slow}
        begin = time.monotonic()
        turn = 0
        while bytes_left:
            turn += 1
            for one in list(bytes_left):
                try:
                    one.socket.send(bytes_left[one][:1])
                    bytes_left[one] = bytes_left[one][1:]
                except OSError:
                    del bytes_left[one]
            with self.open() as quick:
                quick.connect(f"quick-{turn}").publish("t", "x", 1)
            self.assertLess(time.monotonic() - begin, 15)
        self.daemon.log.wait_for("connection refused .*reason=connect_timeout", count=self.COUNT)

    def test_no_more_than_the_largest_connect_is_kept_for_somebody_unknown(self):
        client = self.open()
        client.send(b"\x10" + b"\xff\xff\x3f")  # a packet of 1 MiB, which mqtt.max_packet_size allows
        client.expect_closed()
        self.daemon.log.wait_for("connection refused .*reason=packet_too_large")
        # The largest that is valid gets in.
        longest = "x" * 65_535
        largest = connect(longest, user=longest, password=longest, keep_alive=0)
        self.open().send(largest)
        self.daemon.log.wait_for("client connected")


@on_loops(1, 4)
class NeverReads(RawClients, DaemonTestCase):
    settings = ("limits.outbound_buffer=64KiB",)

    def test_answers_that_nobody_reads_do_not_pile_up(self):
        client = self.client("deaf")
        before = self.daemon.rss_bytes()
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.socket.setblocking(False)
        sent = 0
        # The broker stops to read from it.
        with contextlib.suppress(BlockingIOError):
            while sent < 100_000_000:
                sent += client.socket.send(PINGREQ_BYTES * 10_000)
        self.assertLess(sent, 100_000_000)
        self.assertLess(self.daemon.rss_bytes() - before, 5_000_000)
        self.client("other").publish("t", "x", 1)


@on_loops(1, 4)
class OneByteSegments(RawClients, DaemonTestCase):
    def cpu_seconds(self):
        with open(f"/proc/{self.daemon.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_a_large_packet_byte_by_byte_is_read_in_linear_time(self):
        reader = self.client("reader").subscribe(("t", 0))
        publisher = self.client("publisher")

        def seconds_for(size):
            begin = self.cpu_seconds()
            before = self.daemon.rss_bytes()
            packet = publish("t", bytes(size))
            for at in range(len(packet)):
                publisher.socket.send(packet[at : at + 1])
            self.assertLess(self.daemon.rss_bytes() - before, 4 * size + 2_000_000)
            self.assertEqual(len(reader.receive().payload), size)
            return self.cpu_seconds() - begin

        seconds_for(10_000)
        small = seconds_for(100_000)
        large = seconds_for(1_000_000)
        # Ten times as much, with room for a busy machine; it would be a hundred times if each byte
        # moved all those before it.
        self.assertLess(large, 30 * max(small, 0.05))


if __name__ == "__main__":
    unittest.main()
