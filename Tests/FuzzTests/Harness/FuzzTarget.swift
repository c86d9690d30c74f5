/// Something that reads bytes from outside, and what must hold whatever these are.
struct FuzzTarget: Sendable, CustomStringConvertible {
  /// The name of its folder in Tests/FuzzCorpus.
  let name: String
  private let body: @Sendable ([UInt8]) throws -> Void

  init(_ name: String, _ body: @escaping @Sendable ([UInt8]) throws -> Void) {
    self.name = name
    self.body = body
  }

  /// A target that reads text; bytes that are no UTF-8 become U+FFFD.
  init(text name: String, _ body: @escaping @Sendable (String) throws -> Void) {
    self.init(name) { try body(String(decoding: $0, as: UTF8.self)) }
  }

  /// Throws when something does not hold for `bytes`.
  func run(_ bytes: [UInt8]) throws { try body(bytes) }

  var description: String { name }
}

/// What does not hold.
struct BrokenProperty: Error, CustomStringConvertible {
  let description: String
}

/// Says that `condition` must hold, and in `property` what it is about.
func hold(_ condition: Bool, _ property: @autoclosure () -> String) throws(BrokenProperty) {
  guard condition else { throw BrokenProperty(description: property()) }
}
