import FederationAPI

/// Where the fields of an encoded `federation.v1.GetSecretRequest` stand, as ordinary clients send it; see
/// ``FederationAPI/GetSecretRequest/init(protobuf:)`` for all that one may be.
///
/// Nothing is copied, and texts are not checked to be UTF-8 without NUL: whoever uses this compares them with texts that
/// are.
struct GetSecretFields {
  private(set) var store = 0..<0
  private(set) var name = 0..<0
  private(set) var caCertificates = 0..<0

  /// A tag's byte and a length's, of which protobuf-c takes five.
  private static let longestHead = 6

  /// Nil when the bytes need a closer look: they are no such message, protobuf-c might not take them, or their fields
  /// are not once each and in order, so that one might count that does not stand here.
  init?(_ payload: RawSpan) {
    var reader = ProtobufReader(0..<payload.byteCount)
    var (number, end) = (0, 0)
    do {
      while let field = try reader.next(in: payload) {
        guard field.number > number, case .bytes(let range) = field.value,
          range.lowerBound - end <= GetSecretFields.longestHead
        else { return nil }
        (number, end) = (field.number, range.upperBound)
        switch number {
        case 1: store = range
        case 2: name = range
        case 3: caCertificates = range
        default: return nil
        }
      }
    } catch {
      return nil
    }
    guard caCertificates.count <= Limits.caCertificates else { return nil }
  }
}
