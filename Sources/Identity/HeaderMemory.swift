import FederationAPI
import Synchronization

/// The header that was read last, by its exact bytes: all tokens of one key have the same.
final class HeaderMemory: Sendable {
  private struct Known: Sendable {
    let text: [UInt8]
    let header: JSONWebSignature.Header
  }

  /// Longer headers are read each time.
  private static let maximumCount = 512
  private let last = Mutex<Known?>(nil)

  /// Reads `part`, the header as it stands in the token, or remembers what was read there.
  static func header(_ part: RawSpan, _ memory: HeaderMemory?) throws(Refusal) -> JSONWebSignature.Header {
    if let known = memory?.known(part) { return known }
    let header = try JSONWebSignature.Header(part)
    memory?.note(part, header)
    return header
  }

  private func known(_ part: RawSpan) -> JSONWebSignature.Header? {
    last.withLock { last in
      guard let last, part.isEqual(to: last.text) else { return nil }
      return last.header
    }
  }

  private func note(_ part: RawSpan, _ header: JSONWebSignature.Header) {
    guard part.byteCount <= HeaderMemory.maximumCount else { return }
    let known = Known(text: part.withUnsafeBytes { [UInt8]($0) }, header: header)
    last.withLock { $0 = known }
  }
}
