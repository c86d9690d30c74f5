import FederationAPI
import FederationProto

@testable import TTRPC

extension FuzzTarget {
  /// What the short way takes of a call, the full reader reads the same; and an answer has a result or is malformed.
  static let ttrpcEnvelopes = FuzzTarget("ttrpc-envelopes") { bytes in
    let span = bytes.span.bytes
    if let response = try? ResponseEnvelope(span), case .failure(let error) = response.result(in: span) {
      try hold(error.message.utf8.count <= bytes.count && response.code != 0, "only a code makes a failure")
    }
    guard let immediate = ImmediateEnvelope(span) else { return }
    // Whoever uses these compares them with texts: what is no text never gets further.
    for range in [immediate.service, immediate.method, immediate.authorization] where !span.isUTF8(range) { return }
    let full = try RequestEnvelope(span)
    try hold(full.service == immediate.service && full.method == immediate.method, "both find the same method")
    try hold(full.payload == immediate.payload, "both find the same payload")
    try hold(
      full.authorization == (immediate.authorization.isEmpty ? nil : immediate.authorization),
      "both find the same caller")
    try hold(full.workloadToken == nil, "the short way passes over no x-workload-token")
    try hold(full.timeoutNanoseconds >= 0, "the short way passes over no deadline")
  }
}
