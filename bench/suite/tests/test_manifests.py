"""Values and manifests."""

import pathlib
import tempfile
import unittest

from suite import manifests
from suite.values import value

ISSUER = manifests.Issuer("https://issuer", "https://127.0.0.1:1", "PEM")


class Values(unittest.TestCase):
    def test_the_key_and_a_dot_over_and_over(self):
        self.assertEqual(value("key-1", 16), "key-1.key-1.key-")
        self.assertEqual(value("key-1", 3), "key")
        self.assertEqual(len(value("key-0", 65536)), 65536)


class Manifests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.directory = pathlib.Path(folder.name) / "config"

    def documents(self, pattern, kind):
        text = "".join(path.read_text() for path in self.directory.glob(pattern))
        return text.count(f"kind: {kind}\n")

    def test_a_small_set_has_one_store(self):
        self.assertEqual(manifests.write(self.directory, ISSUER, 10, 10, 64), ["bench"])
        self.assertEqual(self.documents("authorizations-*.yaml", "Authorization"), 10)
        self.assertEqual(self.documents("store-*.yaml", "ClusterSecretStore"), 1)

    def test_past_the_size_of_a_file_the_next_keys_are_in_the_next_store(self):
        stores = manifests.write(self.directory, ISSUER, 2_001, 250_002, 8)
        self.assertEqual(stores, ["bench", "bench-1", "bench-2"])
        self.assertEqual(self.documents("authorizations-*.yaml", "Authorization"), 2_001)
        second = (self.directory / "store-1.yaml").read_text()
        self.assertNotIn("key-124999,", second)
        self.assertIn("key-125000,", second)
        self.assertIn("key-249999,", second)
        self.assertNotIn("key-250000,", second)

    def test_many_files_have_a_manifest_each(self):
        manifests.write_many(self.directory, ISSUER, 50)
        self.assertEqual(len(list(self.directory.iterdir())), 50)


if __name__ == "__main__":
    unittest.main()
