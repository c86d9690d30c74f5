import FederationAPI
import HTTP1
import HTTP2

@testable import GRPC

extension FuzzTarget {
  /// A path in the first line, then fields: what of them is gRPC's comes out as it went in.
  static let grpcMetadata = FuzzTarget(text: "grpc-metadata") { text in
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var head = HTTP2RequestHead()
    head.path = String(lines[0])
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      head.fields.append(HTTPFields.Field(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : ""))
    }
    if let request = try? GRPCRequest(head) {
      try hold("/\(request.service)/\(request.method)".utf8.elementsEqual(head.path.utf8), "names make up the path")
    }
    for line in lines {
      let encoded = GRPCStatusFields.percentEncoded(String(line))
      try hold(encoded.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "an encoded message is visible ASCII")
      try hold(GRPCStatusFields.percentDecoded(encoded).utf8.elementsEqual(line.utf8), "a message comes back")
      try hold(GRPCStatusFields.percentDecoded(String(line)).utf8.count <= 3 * line.utf8.count, "decoding is bounded")
      guard let timeout = GRPCTimeout(String(line)) else { continue }
      let written = GRPCTimeout.text(nanoseconds: timeout.nanoseconds)
      let again = GRPCTimeout(written)
      try hold(again.map { $0.nanoseconds >= timeout.nanoseconds } == true || written == "99999999H", "no time is lost")
    }
  }
}
