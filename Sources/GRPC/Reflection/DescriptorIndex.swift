import FederationProto

/// The files that the server's services stand in, found by name and by what they define.
///
/// Source: google/protobuf/descriptor.proto.
struct DescriptorIndex: Sendable {
  /// Encoded `FileDescriptorProto`s by file name.
  private(set) var files: [String: [UInt8]] = [:]
  /// File names by the full names of services, methods, messages, fields, enums and enum values.
  private(set) var symbols: [String: String] = [:]
  /// The full names of services, sorted.
  private(set) var services: [String] = []

  /// Reads an encoded `FileDescriptorSet`; what cannot be read is left out.
  init(encodedSet set: [UInt8]) {
    for file in DescriptorIndex.fields(1, of: set) { add(file) }
    services.sort()
  }

  private mutating func add(_ file: [UInt8]) {
    guard let name = DescriptorIndex.text(1, of: file) else { return }
    let package = DescriptorIndex.text(2, of: file) ?? ""
    files[name] = file
    for message in DescriptorIndex.fields(4, of: file) { addMessage(message, in: package, name) }
    for enumeration in DescriptorIndex.fields(5, of: file) { addEnumeration(enumeration, in: package, name) }
    for service in DescriptorIndex.fields(6, of: file) {
      guard let full = define(service, in: package, name) else { continue }
      services.append(full)
      for method in DescriptorIndex.fields(2, of: service) { define(method, in: full, name) }
    }
  }

  private mutating func addMessage(_ message: [UInt8], in scope: String, _ file: String) {
    guard let full = define(message, in: scope, file) else { return }
    for field in DescriptorIndex.fields(2, of: message) { define(field, in: full, file) }
    for nested in DescriptorIndex.fields(3, of: message) { addMessage(nested, in: full, file) }
    for enumeration in DescriptorIndex.fields(4, of: message) { addEnumeration(enumeration, in: full, file) }
  }

  /// An enum's values stand beside it, as in C.
  private mutating func addEnumeration(_ enumeration: [UInt8], in scope: String, _ file: String) {
    define(enumeration, in: scope, file)
    for value in DescriptorIndex.fields(2, of: enumeration) { define(value, in: scope, file) }
  }

  @discardableResult
  private mutating func define(_ descriptor: [UInt8], in scope: String, _ file: String) -> String? {
    guard let name = DescriptorIndex.text(1, of: descriptor) else { return nil }
    let full = scope.isEmpty ? name : "\(scope).\(name)"
    symbols[full] = file
    return full
  }

  private static func text(_ number: Int, of message: [UInt8]) -> String? {
    fields(number, of: message).first.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Every length-delimited field `number` of an encoded message.
  private static func fields(_ number: Int, of message: [UInt8]) -> [[UInt8]] {
    var reader = ProtobufReader(0..<message.count)
    var found: [[UInt8]] = []
    while let field = try? reader.next(in: message.span.bytes) {
      if field.number == number, case .bytes(let range) = field.value { found.append(Array(message[range])) }
    }
    return found
  }
}
