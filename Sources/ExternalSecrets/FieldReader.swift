import FederationAPI
import JSON
import RegularExpressions

/// Reads the members of one JSON object, each once; what nobody asked for is an error that says where it stands.
struct FieldReader {
  /// Where the object stands, for example `data[0].remoteRef`.
  let path: String
  private var members: [JSONName: JSONValue]

  init(_ value: JSONValue, _ path: String) throws(RPCError) {
    guard let members = value.object else { throw FieldReader.invalid(path, "must be an object") }
    self.path = path
    // As in Kubernetes, null is the same as absent.
    self.members = members.filter { $0.value != .null }
  }

  static func invalid(_ path: String, _ problem: String) -> RPCError {
    RPCError(.invalidArgument, "\(path): \(problem)")
  }

  func path(of name: String) -> String { "\(path).\(name)" }

  mutating func value(_ name: String) -> JSONValue? { members.removeValue(forKey: JSONName(name)) }

  mutating func object(_ name: String) throws(RPCError) -> FieldReader? {
    guard let value = value(name) else { return nil }
    return try FieldReader(value, path(of: name))
  }

  /// A text of at most `limit` bytes without NUL.
  mutating func text(_ name: String, atMost limit: Int = 1_024) throws(RPCError) -> String? {
    guard let value = value(name) else { return nil }
    guard let text = value.string else { throw Self.invalid(path(of: name), "must be a string") }
    guard text.utf8.count <= limit else { throw Self.invalid(path(of: name), "is longer than \(limit) bytes") }
    guard !text.utf8.contains(0) else { throw Self.invalid(path(of: name), "must not hold a NUL character") }
    return text
  }

  /// As ``text(_:atMost:)``, for one that has to be there and not be empty.
  mutating func requiredText(_ name: String, atMost limit: Int = 1_024) throws(RPCError) -> String {
    guard let text = try text(name, atMost: limit), !text.isEmpty else {
      throw Self.invalid(path(of: name), "is required")
    }
    return text
  }

  /// A regular expression, which has to be there.
  mutating func pattern(_ name: String) throws(RPCError) -> RegularExpression {
    let text = try requiredText(name)
    do throws(RegularExpressionError) {
      return try RegularExpression(text)
    } catch {
      throw Self.invalid(path(of: name), "\(error)")
    }
  }

  /// One of `values`; the first when there is none.
  mutating func choice(_ name: String, _ values: [String]) throws(RPCError) -> String {
    guard let text = try text(name), !text.isEmpty else { return values[0] }
    guard let known = values.first(where: { $0.utf8.elementsEqual(text.utf8) }) else {
      throw Self.invalid(path(of: name), "must be \(values.joined(separator: " or "))")
    }
    return known
  }

  /// Throws for a member that was not asked for, the first in byte order.
  func finish() throws(RPCError) {
    let names = members.keys.map(\.text)
    guard let unknown = names.min(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) else { return }
    throw Self.invalid(path(of: Self.excerpt(unknown)), "unknown field")
  }

  /// A caller's own text comes back to it, but not kilobytes of it.
  static func excerpt(_ text: String) -> String {
    text.utf8.count <= 253 ? text : "\(Substring(text.unicodeScalars.prefix(64)))…"
  }
}
