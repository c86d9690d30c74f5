import Crypto
import FederationAPI
import Resources
import Testing

@testable import Generators

@Suite struct MFAGeneratorTests {
  /// RFC 4226 appendix D.
  @Test("gives the passwords of RFC 4226 by counter")
  func counters() throws {
    let expected = [
      "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
    ]
    let seed = SecretBytes("12345678901234567890")
    for (counter, token) in expected.enumerated() {
      let text = try OneTimePassword.text(seed: seed, counter: UInt64(counter), digits: 6, hash: .sha1)
      #expect(text.text == token)
    }
  }

  /// RFC 6238 appendix B, whose seeds are as long as the hashes.
  @Test(
    "gives the passwords of RFC 6238 by time",
    arguments: [
      ("1970-01-01T00:00:59Z", "94287082", "46119246", "90693936"),
      ("2005-03-18T01:58:29Z", "07081804", "68084774", "25091201"),
      ("2005-03-18T01:58:31Z", "14050471", "67062674", "99943326"),
      ("2009-02-13T23:31:30Z", "89005924", "91819424", "93441116"),
      ("2033-05-18T03:33:20Z", "69279037", "90698825", "38618901"),
      ("2603-10-11T11:33:20Z", "65353130", "77737706", "47863826"),
    ])
  func times(_ time: String, _ sha1: String, _ sha256: String, _ sha512: String) async throws {
    for (algorithm, token, length) in [("sha1", sha1, 20), ("SHA256", sha256, 32), ("Sha512", sha512, 64)] {
      let seed = (0..<length).map { UInt8(ascii: "0") + UInt8(($0 + 1) % 10) }
      let text = String(decoding: TextEncoding.base32.encode(seed), as: UTF8.self)
      let bench = try GeneratorBench(
        "MFA", "secret: {name: keys, key: seed}\nlength: 8\nalgorithm: \(algorithm)\nwhen: \(time)",
        secret: "{seed: \"\(text)\"}")
      #expect(try await bench.values()["token"] == token)
    }
  }

  @Test("six to nine digits are the same number's last ones")
  func lengths() throws {
    let seed = SecretBytes("12345678901234567890")
    // RFC 4226 appendix D: the counter 0 comes to 1284755224.
    for digits in 6...9 {
      let text = try OneTimePassword.text(seed: seed, counter: 0, digits: digits, hash: .sha1).text
      #expect(text == String("1284755224".suffix(digits)))
    }
  }

  @Test("timeLeft counts down to the period's end, by the clock when none is pinned")
  func timeLeft() async throws {
    let secrets = GeneratorSecrets(
      ManifestSecrets([
        SecretResource(
          namespace: "a", name: "s", values: ["k": SecretBytes("gezd gnbv gy3t qojq GEZDGNBVGY3TQOJQ")],
          location: SourceLocation(file: "", line: 1))
      ]))
    let selector = SecretKeySelector(namespace: "a", name: "s", key: "k")
    for (now, left, token) in [(59, "1", "287082"), (30, "30", "287082"), (60, "30", "359152")]
      as [(Int64, String, String)]
    {
      let generator = MFAGenerator(MFASpec(secret: selector), secrets: secrets) { now }
      let values = try await generator.values()
      #expect(values["timeLeft"]?.text == left)
      #expect(values["token"]?.text == token)
      #expect(values.count == 2)
    }
  }

  @Test(
    "a seed that is missing or no base32 is FAILED_PRECONDITION when it is planned, and is not shown",
    arguments: ["{}", "{seed: ''}", "{seed: '==='}", "{seed: hunter1}"])
  func badSeed(_ values: String) throws {
    let bench = try GeneratorBench("MFA", "secret: {name: keys, key: seed}", secret: values)
    let reference = bench.manifests.generators[0].reference
    let generator = try #require(bench.registry()[reference]?.generator)
    let error = #expect(throws: RPCError.self) {
      try generator.plan(GenerationRequest(ownerLabel: "a", expiresAtSeconds: nil))
    }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.contains("hunter1") == false)
  }
}
