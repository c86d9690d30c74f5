import FederationAPI
import SecretStores

/// Reads one backend for one ClusterSecretStore: what a new kind of store has to bring (docs/PROVIDERS.md).
///
/// A provider says what its backend has now, once: ``RemoteStore`` caches, shares equal questions, tries again and lets
/// a backend that is down alone. It keeps its own login. Cancelling the task gives a question up.
public protocol Provider: Sendable {
  /// The value of `key`. `known` is the version of a value that is still at hand: a backend that can tell may answer
  /// ``FetchedSecret/unchanged``. No exchange may go on past `deadline`.
  func fetch(_ key: ProviderKey, known: String?, deadline: MonotonicTime) async throws(BackendError) -> FetchedSecret

  /// The keys that `filter` means, in no order; ``BackendError/invalid(_:)`` from one that cannot list, and for tags that
  /// no key can have. At most `limit` of them, and one more when there are more.
  func list(_ filter: TagFilter, limit: Int, deadline: MonotonicTime) async throws(BackendError) -> [String]

  /// Whether keys have tags. Without it, ``list(_:limit:deadline:)`` is asked for every key alone.
  var hasTags: Bool { get }

  /// Logs in and makes one harmless call at what serves the values, so that an operator sees whether the store works: mostly
  /// for ``ProviderKey/probe``, which need not be there.
  func check(deadline: MonotonicTime) async throws(BackendError) -> BackendProof

  /// Whether the provider is asked for properties itself, because its values' parts need not be JSON. Without it, they
  /// are looked up in the whole value.
  var readsProperties: Bool { get }

  /// Why `key` cannot be asked for, where that is known without the backend: such a question tells nothing of it. Nil when
  /// the backend has to be asked.
  func refusal(of key: ProviderKey) -> BackendError?

  /// How long one question may take, in seconds, where that is more than ``BackendSettings/timeoutSeconds``; else 0.
  var timeoutSeconds: Double { get }

  /// Ends what runs beside the questions; the store is no longer configured.
  func close()
}

extension Provider {
  /// Refuses.
  public func list(_ filter: TagFilter, limit: Int, deadline: MonotonicTime) async throws(BackendError) -> [String] {
    throw .invalid("cannot list its keys, which find needs")
  }

  /// Keys have none.
  public var hasTags: Bool { false }

  /// Values are JSON where they have properties.
  public var readsProperties: Bool { false }

  /// Every key is the backend's to judge.
  public func refusal(of key: ProviderKey) -> BackendError? { nil }

  /// As long as any other's.
  public var timeoutSeconds: Double { 0 }

  /// Nothing runs.
  public func close() {}
}

/// What a provider is asked for: a whole value, unless it reads properties itself.
public struct ProviderKey: Hashable, Sendable {
  /// The key as the caller wrote it, 1 to 1,024 bytes: whoever puts it into a path or query has to encode it.
  public let name: String
  /// A version as the backend writes them; nil for the newest.
  public let version: String?
  /// A part of the value, for a provider with ``Provider/readsProperties``; nil for the whole.
  public let property: String?

  /// Makes a key; an empty version is none, and so is an empty property.
  public init(name: String, version: String? = nil, property: String? = nil) {
    self.name = name
    self.version = version?.isEmpty == true ? nil : version
    self.property = property?.isEmpty == true ? nil : property
  }

  /// The version, empty for the newest, and behind a NUL the property, if there is one.
  var variant: String { (version ?? "") + (property.map { "\0" + $0 } ?? "") }

  /// Makes a key from its ``variant``.
  init(name: String, variant: String) {
    let parts = variant.split(separator: "\0", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(name: name, version: String(parts[0]), property: parts.count > 1 ? String(parts[1]) : nil)
  }

  /// Compares bytes: Swift's own `==` takes two spellings of one character for the same.
  public static func == (left: ProviderKey, right: ProviderKey) -> Bool {
    left.name.utf8.elementsEqual(right.name.utf8) && left.variant.utf8.elementsEqual(right.variant.utf8)
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(Array(name.utf8))
    hasher.combine(Array(variant.utf8))
  }
}

extension ProviderKey {
  /// What checks ask for: no backend is likely to have it, and each could have it.
  static let probe = ProviderKey(name: "ese-federation-check")
}

/// What a check of a store has shown.
public struct BackendProof: Sendable, Equatable {
  /// What was asked and answered, in words that follow the store's name.
  public var shown: String
  /// What it could not show, with advice; nil where it has shown all.
  public var doubt: String?

  /// Makes a proof.
  public init(_ shown: String, doubt: String? = nil) {
    self.shown = shown
    self.doubt = doubt
  }

  /// The answer to who may not read `key`, which may be there for others.
  static func refused(_ shown: String, key: String) -> BackendProof {
    BackendProof(
      shown,
      doubt: "it may not read `\(key)`; that is as it should be where it may read some keys only, and otherwise a "
        + "permission is missing or the store names the wrong place")
  }
}

/// What a backend has.
public enum FetchedSecret: Sendable {
  /// A value, with its version where the backend has such.
  case value(SecretBytes, version: String?)
  /// The version that is known already.
  case unchanged
}
