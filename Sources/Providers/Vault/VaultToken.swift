import FederationAPI
import JSON

/// What Vault lets this server in with.
struct VaultToken: Sendable {
  /// Ten years: what lives longer has no use for an end, and times past all clocks have no place in one.
  static let longestLeaseSeconds = 315_360_000.0

  /// Out of every core, for as long as the session has it.
  let secret: SecretBytes
  /// How long it lives from when it was given, in seconds; 0 for ever.
  let leaseSeconds: Double
  let isRenewable: Bool
  let givenAt: MonotonicTime

  /// The token in `auth` of a login's or a renewal's answer; nil when there is none.
  init?(answer: SecretBytes, givenAt: MonotonicTime) {
    guard let auth = (try? answer.withBytes { (bytes) throws(JSONError) in try JSONValue.parse(bytes) })?["auth"],
      let text = auth["client_token"]?.string, Self.isText(text)
    else { return nil }
    secret = SecretBytes(text)
    leaseSeconds = Self.bounded(auth["lease_duration"])
    isRenewable = auth["renewable"]?.bool ?? false
    self.givenAt = givenAt
  }

  /// A token of the operator's, as Vault's `lookup-self` describes it; it lives for ever where that does not say.
  init(text: String, lookup: SecretBytes? = nil, givenAt: MonotonicTime) {
    let data = lookup.flatMap { lookup in
      (try? lookup.withBytes { (bytes) throws(JSONError) in try JSONValue.parse(bytes) })?["data"]
    }
    secret = SecretBytes(text)
    leaseSeconds = Self.bounded(data?["ttl"])
    isRenewable = data?["renewable"]?.bool ?? false
    self.givenAt = givenAt
  }

  /// The token for a request's header.
  var text: String { secret.text ?? "" }

  /// Whether it is over, or so nearly that a request with it may find it over.
  func isOver(at now: MonotonicTime) -> Bool {
    guard leaseSeconds > 0 else { return false }
    return now >= givenAt.advanced(bySeconds: leaseSeconds - min(5, leaseSeconds / 10))
  }

  /// Seconds from `now` until two thirds of its life are over, when it is to be renewed.
  func renewalDelay(at now: MonotonicTime) -> Double {
    Double(now.nanoseconds(until: givenAt.advanced(bySeconds: leaseSeconds * 2 / 3))) / 1e9
  }

  private static func bounded(_ seconds: JSONValue?) -> Double {
    min(max(0, seconds?.number ?? 0), longestLeaseSeconds)
  }

  private static func isText(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}
