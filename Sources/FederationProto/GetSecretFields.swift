/// Where the fields of an encoded `federation.v1.GetSecretRequest` stand; nothing is copied, and nothing checked but
/// the wire format.
struct GetSecretFields {
  private(set) var store = 0..<0
  private(set) var name = 0..<0
  private(set) var caCertificates = 0..<0

  /// Nil when the bytes are not such a message. Of a field that comes twice the last counts.
  init?(_ payload: RawSpan) {
    var reader = ProtobufReader(0..<payload.byteCount)
    do {
      while let field = try reader.next(in: payload) {
        guard (1...3).contains(field.number) else { continue }
        guard case .bytes(let range) = field.value else { return nil }
        switch field.number {
        case 1: store = range
        case 2: name = range
        default: caCertificates = range
        }
      }
    } catch {
      return nil
    }
  }
}
