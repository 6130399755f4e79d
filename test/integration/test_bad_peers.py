"""Peers that are no MTA cost a debug line and nothing else."""

import os
import random
import socket
import struct

from support import messages
from support.mail_case import MailCase, main
from support.milter_client import MilterClient, judge
from support.waiting import wait_until


class BadPeers(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.milterd = cls.start_milterd()
        # libmilter opens descriptors of its own with its first session.
        judge(cls.milterd.socket_path, messages.message())

    def setUp(self):
        self.lines_before = len(self.milterd.log())
        self.files_before = self.milterd.open_files()

    def tearDown(self):
        answer = judge(self.milterd.socket_path, messages.message())
        self.assertEqual(answer.word, "continue")
        self.assertIsNone(self.milterd.process.poll(), "milterd lives")
        log = [line for line in self.milterd.log()[self.lines_before:].splitlines()
               if any(f" {level} " in line for level in ("warn", "error"))]
        self.assertEqual(log, [])
        wait_until(lambda: self.milterd.open_files() <= self.files_before, 20,
                   "every connection is closed")

    def peer(self, timeout=20):
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(timeout)
        peer.connect(str(self.milterd.socket_path))
        self.addCleanup(peer.close)
        return peer

    def test_connect_and_leave(self):
        for _ in range(200):
            self.peer().close()

    def test_random_bytes(self):
        source = random.Random(7)
        for _ in range(100):
            peer = self.peer()
            try:
                peer.sendall(source.randbytes(source.randint(1, 5000)))
            except OSError:
                pass  # closed on us, as it should be
            peer.close()

    def test_an_http_request(self):
        peer = self.peer()
        peer.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            self.assertEqual(peer.recv(100), b"")
        except ConnectionResetError:
            pass  # closed with bytes of ours unread

    def test_an_over_large_packet_is_not_read(self):
        peer = self.peer()
        memory = self.milterd.memory()
        peer.sendall(struct.pack("!I", 0x7FFFFFFF) + b"O")
        try:
            for _ in range(64):
                peer.sendall(b"x" * 65536)
        except OSError:
            pass
        self.assertLess(self.milterd.memory(), memory + 32 * 1024 * 1024)
        peer.close()

    def test_a_5_mib_header_packet_ends_the_session(self):
        with MilterClient(self.milterd.socket_path) as milter:
            milter.negotiate()
            milter.connect()
            milter.helo()
            milter.mail()
            milter.rcpt()
            try:
                milter.packet(b"L", b"X-Big\0" + b"x" * (5 * 1024 * 1024) + b"\0")
                self.assertRaises((ConnectionError, OSError), milter.read)
            except OSError:
                pass

    def test_an_empty_packet_and_an_unknown_command(self):
        for data in (struct.pack("!I", 0), struct.pack("!I", 1) + b"?"):
            peer = self.peer()
            peer.sendall(data)
            peer.close()

    def test_random_packets_after_a_negotiation(self):
        source = random.Random(11)
        for _ in range(100):
            with MilterClient(self.milterd.socket_path) as milter:
                milter.negotiate()
                try:
                    for _ in range(source.randint(1, 12)):
                        milter.packet(bytes([source.choice(b"CHMRTLNBEADQOKU")]),
                                      source.randbytes(source.randint(0, 200)))
                except OSError:
                    pass

    def test_a_peer_that_vanishes_in_the_middle_of_a_message(self):
        for stop_after in range(6):
            milter = MilterClient(self.milterd.socket_path)
            milter.negotiate()
            steps = (milter.connect, milter.helo, milter.mail, milter.rcpt, milter.data,
                     lambda: milter.header("From", b" a@example.org"))
            for step in steps[:stop_after + 1]:
                step()
            milter.close()

    def test_a_slow_peer_holds_up_nobody(self):
        slow = self.peer()
        slow.sendall(struct.pack("!I", 13) + b"O" + os.urandom(3))
        for _ in range(10):
            self.assertEqual(judge(self.milterd.socket_path, messages.message()).word, "continue")
        slow.close()

    def test_idle_connections_hold_up_nobody(self):
        idle = [MilterClient(self.milterd.socket_path).negotiate() for _ in range(200)]
        for _ in range(10):
            self.assertEqual(judge(self.milterd.socket_path, messages.message()).word, "continue")
        for client in idle:
            client.close()


if __name__ == "__main__":
    main()
