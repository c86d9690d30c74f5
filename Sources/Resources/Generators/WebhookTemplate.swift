import YAML

/// A text with references to Secrets: `{{ .secret.key }}`, or with filters `{{ .secret.key | b64enc | urlquery }}`.
///
/// The part of Go's templates that needs no interpreter; everything else in `{{ }}` is refused.
public struct WebhookTemplate: Sendable, Hashable {
  /// What changes a value before it is put in.
  public enum Filter: String, Sendable, CaseIterable {
    /// Percent-encoding of all but the unreserved characters (RFC 3986 section 2.3).
    case urlquery
    /// Base64 with padding (RFC 4648 section 4).
    case b64enc
    /// A JSON string, in quotes (RFC 8259 section 7).
    case toJson
  }

  /// A place that a Secret's value is put into.
  public struct Reference: Sendable, Hashable {
    /// The name of an entry of the webhook's `secrets`.
    public var secret: String
    /// The Secret's key.
    public var key: String
    /// What is done to the value, first to last.
    public var filters: [Filter]

    /// The name by which a store's templates refer to what a caller asks for: `{{ .remoteRef.key }}`.
    static let remote = "remoteRef"
    /// Whether it is what a caller asks a store for, ``key`` being `key` or `version`.
    public var isRemote: Bool { secret == Self.remote }

    /// Makes a reference.
    public init(secret: String, key: String, filters: [Filter] = []) {
      self.secret = secret
      self.key = key
      self.filters = filters
    }
  }

  /// A piece of the template.
  public enum Part: Sendable, Hashable {
    case text(String)
    case reference(Reference)
  }

  /// The pieces in order; no text among them is empty.
  public var parts: [Part]

  /// Makes a template.
  public init(parts: [Part]) { self.parts = parts }

  /// The references in order.
  public var references: [Reference] {
    parts.compactMap { if case .reference(let reference) = $0 { reference } else { nil } }
  }

  private static let advice = "write `{{ .secret.key }}`, with the filters `urlquery`, `b64enc` and `toJson` at most"

  /// Reads `text`, or says what in it is no such reference.
  init(parsing text: String) throws(FieldFault) {
    parts = []
    var rest = text.utf8[...]
    while let open = Self.firstPair(UInt8(ascii: "{"), in: rest) {
      let inside = rest[rest.index(open, offsetBy: 2)...]
      guard let close = Self.firstPair(UInt8(ascii: "}"), in: inside) else {
        throw FieldFault("has a `{{` that no `}}` closes; \(Self.advice)")
      }
      append(rest[..<open])
      parts.append(.reference(try Reference(parsing: inside[..<close])))
      rest = inside[inside.index(close, offsetBy: 2)...]
    }
    append(rest)
  }

  private mutating func append(_ text: Substring.UTF8View) {
    if let text = String(text), !text.isEmpty { parts.append(.text(text)) }
  }

  /// Where `byte` first comes twice in a row.
  private static func firstPair(_ byte: UInt8, in text: Substring.UTF8View) -> Substring.UTF8View.Index? {
    var previous: Substring.UTF8View.Index?
    for index in text.indices {
      guard text[index] == byte else {
        previous = nil
        continue
      }
      if let previous { return previous }
      previous = index
    }
    return nil
  }

  fileprivate static func refusal(_ text: Substring.UTF8View) -> FieldFault {
    FieldFault("has the template \(quoted("{{\(String(text) ?? "")}}")), which this server does not run; \(advice)")
  }
}

extension WebhookTemplate.Reference {
  fileprivate init(parsing text: Substring.UTF8View) throws(FieldFault) {
    let pieces = text.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).map(Self.trimmed)
    let path = pieces.first ?? text
    let names = path.dropFirst().split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard pieces.count <= 4, path.first == UInt8(ascii: "."), names.count == 2, let secret = String(names[0]),
      let key = String(names[1]), Self.isName(secret), KubernetesName.isDataKey(key)
    else { throw WebhookTemplate.refusal(text) }
    var filters: [WebhookTemplate.Filter] = []
    for piece in pieces.dropFirst() {
      guard let filter = WebhookTemplate.Filter(rawValue: String(piece) ?? "") else {
        throw WebhookTemplate.refusal(text)
      }
      filters.append(filter)
    }
    self.init(secret: secret, key: key, filters: filters)
  }

  /// Whether templates can name a Secret so: letters, digits and `_`, no digit first, as in Go.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first), text.utf8.count <= 63 else { return false }
    return text.utf8.allSatisfy { KubernetesName.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
  }

  private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
    func isSpace(_ byte: UInt8) -> Bool { [0x09, 0x0A, 0x0D, 0x20].contains(byte) }
    var text = text.drop(while: isSpace)
    while let last = text.last, isSpace(last) { text.removeLast() }
    return text
  }
}
