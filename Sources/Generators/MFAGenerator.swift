import Crypto
import FederationAPI
import Resources

/// Gives the one-time password of this moment for a seed in a Secret.
struct MFAGenerator: TracelessGenerator {
  private let spec: MFASpec
  private let secrets: GeneratorSecrets
  private let clock: @Sendable () -> Int64

  init(
    _ spec: MFASpec, secrets: GeneratorSecrets, clock: @escaping @Sendable () -> Int64 = { WallClock.nowSeconds }
  ) {
    self.spec = spec
    self.secrets = secrets
    self.clock = clock
  }

  func check() throws(RPCError) { _ = try seed() }

  func values() async throws(RPCError) -> GeneratedValues {
    let seed = try seed()
    let now = max(0, spec.pinnedSeconds ?? clock())
    let period = Int64(spec.timePeriod)
    do throws(CryptoError) {
      let token = try OneTimePassword.text(
        seed: seed, counter: UInt64(now / period), digits: spec.length, hash: hash)
      return ["token": token, "timeLeft": SecretBytes(String(period - now % period))]
    } catch {
      throw RPCError(error)
    }
  }

  private var hash: HMAC.Hash {
    switch spec.algorithm {
    case .sha1: .sha1
    case .sha256: .sha256
    case .sha512: .sha512
    }
  }

  private func seed() throws(RPCError) -> SecretBytes {
    var text = try secrets.value(spec.secret).copied
    defer { _ = SecretBytes(wiping: &text) }
    guard var decoded = TextEncoding.decodeBase32(text), !decoded.isEmpty else {
      throw RPCError(
        .failedPrecondition, "the seed that the generator refers to is not base32; ask the server's operator to mend it"
      )
    }
    return SecretBytes(wiping: &decoded)
  }
}
