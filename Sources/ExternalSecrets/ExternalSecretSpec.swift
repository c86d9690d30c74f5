import RegularExpressions
import SecretStores

/// What an ExternalSecret takes from where: its `spec.data` and `spec.dataFrom`.
public struct ExternalSecretSpec: Equatable, Sendable {
  /// `spec.data[]`, at most ``maximumData``.
  public var data: [DataItem] = []
  /// `spec.dataFrom[]`, at most ``maximumDataFrom``.
  public var dataFrom: [DataFromItem] = []

  /// Items of `data`.
  public static let maximumData = 1_000
  /// Items of `dataFrom`, each of which may be a large document to read.
  public static let maximumDataFrom = 100
  /// Generators in all: each issues a credential.
  public static let maximumGenerators = 16
  /// `tags` of one `find`.
  public static let maximumTags = 64
  /// Operations of one `rewrite`.
  public static let maximumRewrites = 32
  /// Bytes of each list's JSON.
  public static let maximumBytes = 262_144

  /// One of `spec.data[]`: one value under a key of its own.
  public struct DataItem: Equatable, Sendable {
    /// `secretKey`.
    public var secretKey: String
    /// `remoteRef`.
    public var remote: RemoteReference
    /// `sourceRef.storeRef.name`; nil for the default store.
    public var store: String?
  }

  /// One of `spec.dataFrom[]`: several values at once.
  public struct DataFromItem: Equatable, Sendable {
    /// Where they come from.
    public enum Source: Equatable, Sendable {
      /// `extract`: the members of one JSON value.
      case extract(RemoteReference)
      /// `find`: the values of all keys that are meant.
      case find(Find)
      /// `sourceRef.generatorRef`: what a generator gives.
      case generator(namespace: String, kind: String, name: String)
    }

    /// Which of the three it is.
    public var source: Source
    /// `sourceRef.storeRef.name`; nil for the default store.
    public var store: String?
    /// `rewrite[]`, in order.
    public var rewrites: [Rewrite]
  }

  /// `remoteRef`, or `extract`.
  public struct RemoteReference: Equatable, Sendable {
    /// `key`.
    public var key: String
    /// `property`.
    public var property: String?
    /// `version`.
    public var version: String?
    /// `decodingStrategy`, `conversionStrategy` and `nullBytePolicy`.
    public var treatment: Treatment
  }

  /// `find`.
  public struct Find: Equatable, Sendable {
    /// `name.regexp`, in RE2's syntax.
    public var pattern: RegularExpression?
    /// `path`: how a key has to begin.
    public var path: String?
    /// `tags`, all of which a key has to have; empty for whatever it has.
    public var tags: [SecretTag]
    /// `decodingStrategy`, `conversionStrategy` and `nullBytePolicy`.
    public var treatment: Treatment
  }

  /// What happens to values and keys on their way.
  public struct Treatment: Equatable, Sendable {
    /// `decodingStrategy`.
    public var decoding = DecodingStrategy.none
    /// `conversionStrategy`.
    public var conversion = ConversionStrategy.default
    /// Whether `nullBytePolicy` is `Fail`: a value with a NUL byte is an error.
    public var refusesNUL = false

    /// ESO's defaults: values and keys as they are, but for characters that no key may hold.
    public init() {}
  }

  /// One of `rewrite[]`.
  public enum Rewrite: Equatable, Sendable {
    /// `regexp`: what matches `source` in a key becomes `target`.
    case regexp(source: RegularExpression, target: String)
    /// `merge`: the members of all values, each a JSON object, together.
    case merge(Merge)
  }

  /// `rewrite[].merge`.
  public struct Merge: Equatable, Sendable {
    /// `into`: the key of the merged object; nil for the strategy `Extract`, which makes each member a key.
    public var into: String?
    /// `priority`: keys whose members win, the last most.
    public var priority: [String]
    /// Whether `conflictPolicy` is `Ignore`: a member of two values is no error.
    public var ignoresConflicts: Bool
    /// Whether `priorityPolicy` is `IgnoreNotFound`: a key of `priority` need not be there.
    public var ignoresMissing: Bool
  }
}

/// How a value is encoded in its store.
public enum DecodingStrategy: String, Sendable {
  /// It is not.
  case none = "None"
  /// RFC 4648 section 4, with padding.
  case base64 = "Base64"
  /// RFC 4648 section 5, with padding.
  case base64URL = "Base64URL"
  /// Either of the two, or it is not.
  case auto = "Auto"
}

/// What becomes of characters in a key that no Secret's key may hold.
public enum ConversionStrategy: String, Sendable {
  /// `_`.
  case `default` = "Default"
  /// `_U` and the scalar in hexadecimal and `_`.
  case unicode = "Unicode"
}
