import JSON

extension FuzzTarget {
  /// A value that can be read is written so that it reads the same, and can be skipped.
  static let jsonValue = FuzzTarget("json-value") { bytes in
    guard let value = try? JSONValue.parse(bytes) else { return }
    let written = value.encoded()
    try hold(try JSONValue.parse(written) == value, "a value comes back as it was")
    try hold(try JSONValue.parse(written).encoded() == written, "a value has one spelling")
    let span = bytes.span.bytes
    var reader = try JSONReader(span)
    try reader.skip(try reader.next(in: span), in: span)
    guard case .end = try reader.next(in: span) else {
      throw BrokenProperty(description: "what can be read can be skipped")
    }
  }
}
