import FederationAPI

/// Finds a property in a JSON value as External Secrets does: a member of the top object whose name is the whole
/// property wins, dots and all; else the property is a ``PropertyPath``. Of members with one name the first counts.
enum JSONProperty {
  /// Why there is no value.
  enum Failure: Error { case notJSON, missing }

  /// A string's content, or any other value as compact JSON with its numbers as they were written.
  static func value(of property: String, in text: RawSpan) throws(Failure) -> SecretBytes {
    do throws(JSONScanner.Malformed) { try JSONScanner.validate(text) } catch { throw .notJSON }
    guard let range = find(property, text) else { throw .missing }
    return content(text.extracting(range))
  }

  private static func find(_ property: String, _ text: RawSpan) -> Range<Int>? {
    guard property.utf8.count <= Limits.secretName else { return nil }
    let whole = trimmed(text)
    if let exact = child(Array(property.utf8), of: whole, text, isIndexAllowed: false) { return exact }
    var range = whole
    for part in PropertyPath(property).parts {
      guard let next = child(part, of: range, text, isIndexAllowed: true) else { return nil }
      range = next
    }
    return range
  }

  private static func child(_ name: [UInt8], of range: Range<Int>, _ text: RawSpan, isIndexAllowed: Bool) -> Range<Int>?
  {
    let parent = text.extracting(range)
    var scanner = JSONScanner()
    var found: Range<Int>?
    // The text is valid, so the scanner throws nothing here.
    switch parent.unsafeLoad(fromByteOffset: 0, as: UInt8.self) {
    case UInt8(ascii: "{"):
      try? scanner.members(parent) { (key, value) throws(JSONScanner.Malformed) in
        guard JSONString.decoded(parent.extracting(key)) == name else { return false }
        found = value
        return true
      }
    case UInt8(ascii: "["):
      guard isIndexAllowed, let wanted = PropertyPath.index(name) else { return nil }
      try? scanner.elements(parent) { (index, value) throws(JSONScanner.Malformed) in
        if index == wanted { found = value }
        return index == wanted
      }
    default: return nil
    }
    return found.map { range.lowerBound + $0.lowerBound..<range.lowerBound + $0.upperBound }
  }

  private static func content(_ value: RawSpan) -> SecretBytes {
    let isString = value.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == UInt8(ascii: "\"")
    var bytes = isString ? JSONString.decoded(value) : compact(value)
    defer { wipe(&bytes) }
    return SecretBytes(bytes)
  }

  static func compact(_ value: RawSpan) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(value.byteCount)
    var isInString = false
    var isEscaped = false
    for offset in 0..<value.byteCount {
      let byte = value.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
      } else if byte == UInt8(ascii: "\"") {
        isInString = true
      } else if JSONScanner.isSpace(byte) {
        continue
      }
      result.append(byte)
    }
    return result
  }

  static func trimmed(_ text: RawSpan) -> Range<Int> {
    var range = 0..<text.byteCount
    func isSpace(at offset: Int) -> Bool {
      JSONScanner.isSpace(text.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
    }
    while let first = range.first, isSpace(at: first) { range.removeFirst() }
    while let last = range.last, isSpace(at: last) { range.removeLast() }
    return range
  }
}

extension SecretBytes {
  /// This value, or the property of it that `reference` asks for.
  public func property(of reference: SecretReference) -> Result<SecretBytes, RPCError> {
    guard let property = reference.property, !property.isEmpty else { return .success(self) }
    let name = "secret \"\(reference.key)\" in store \"\(reference.store)\""
    do throws(JSONProperty.Failure) {
      return .success(
        try withBytes { bytes throws(JSONProperty.Failure) in try JSONProperty.value(of: property, in: bytes) })
    } catch {
      switch error {
      case .missing: return .failure(RPCError(.notFound, "\(name) has no property \"\(property)\""))
      case .notJSON:
        return .failure(RPCError(.failedPrecondition, "\(name) is not JSON and has no property \"\(property)\""))
      }
    }
  }
}
