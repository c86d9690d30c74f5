"""What programs and the system print, read."""

import json
import unittest

from suite import fresh_tokens, idle_memory, load, machine, servers

SPEED = """\
OpenSSL 3.0.19
                  sign    verify    sign/s verify/s
rsa 2048 bits 0.000773s 0.000022s   1293.8  45481.2
"""


def result(**changes):
    """The JSON of a good run, with some members changed."""
    good = {
        "requests": 10, "errors": 0, "latency_us": {"p50": 12.5},
        "server": {"cpu_seconds": 0.5, "requests_per_cpu_second": 20.0},
    }
    return json.dumps({**good, **changes})


class Load(unittest.TestCase):
    def test_a_good_result_gives_its_figures(self):
        parsed = load.parse(result())
        self.assertEqual((load.per_cpu_second(parsed), load.p50(parsed)), (20.0, 12.5))

    def test_a_wrong_answer_is_no_result(self):
        self.assertRaisesRegex(ValueError, "wrong or missing", load.parse, result(errors=1))

    def test_no_requests_are_no_result(self):
        self.assertRaisesRegex(ValueError, "nothing", load.parse, result(requests=0))

    def test_a_server_that_spent_no_cpu_is_no_result(self):
        idle = {"cpu_seconds": 0, "requests_per_cpu_second": 0}
        self.assertRaisesRegex(ValueError, "nothing", load.parse, result(server=idle))

    def test_a_missing_member_is_named(self):
        self.assertRaisesRegex(ValueError, "latency_us.p50", load.parse, result(latency_us={}))
        self.assertRaisesRegex(ValueError, "server.cpu_seconds", load.parse, result(server=None))

    def test_what_is_no_json_object_is_refused(self):
        for text in ("", "[]", "7"):
            with self.assertRaises(ValueError):
                load.parse(text)


class Ready(unittest.TestCase):
    def test_an_address_alone(self):
        self.assertEqual(servers.parse_ready("listen=127.0.0.1:8443"), ("127.0.0.1:8443", None))

    def test_an_address_and_the_pid_of_the_one_that_works(self):
        self.assertEqual(servers.parse_ready("listen=127.0.0.1:1 pid=77"), ("127.0.0.1:1", 77))

    def test_no_address(self):
        self.assertRaises(ValueError, servers.parse_ready, "issuer=https://127.0.0.1:1")


class System(unittest.TestCase):
    def test_verifications_of_openssl_speed(self):
        self.assertEqual(fresh_tokens.parse_speed(SPEED), 45481.2)

    def test_openssl_speed_without_rsa(self):
        self.assertRaises(ValueError, fresh_tokens.parse_speed, "rsa 4096 bits 1 2 3 4")

    def test_memory_of_a_connection(self):
        idle = {"connections": 10_000, "rss_before_kib": 10_000, "rss_with_kib": 150_000}
        self.assertEqual(idle_memory.kib_each({"idle": idle}), 14)

    def test_fewer_connections_than_asked_for_are_no_figure(self):
        idle = {"connections": 9_999, "rss_before_kib": 1, "rss_with_kib": 2}
        self.assertRaises(ValueError, idle_memory.kib_each, {"idle": idle})

    def test_the_machine(self):
        self.assertEqual(machine.cpu_model("processor\t: 0\nmodel name\t: AMD EPYC\n"), "AMD EPYC")
        self.assertEqual(machine.memory_mib("MemTotal:       24576000 kB\n"), 24000)


if __name__ == "__main__":
    unittest.main()
