import FederationAPI
import Foundation
import HTTPClient
import Synchronization

/// A backend that answers every request with the same bytes: a status in their first line, header fields, an empty line
/// and the body; or only a body, with 200. It goes silent after some, as pages can lead to each other for ever.
final class ScriptedBackend: HTTPSending {
  static let longestConversation = 8

  let response: HTTPResponse
  /// What is answered in the place of the bytes, by a part of the URL.
  private let fixed: [(part: String, response: HTTPResponse)]
  private let asked = Atomic<Int>(0)

  init(_ bytes: [UInt8], fixed: [(part: String, response: HTTPResponse)] = []) {
    response = Self.response(bytes)
    self.fixed = fixed
  }

  /// The answer that `bytes` are.
  static func response(_ bytes: [UInt8]) -> HTTPResponse {
    guard let end = bytes.indices.first(where: { bytes[$0...].prefix(2).elementsEqual([10, 10]) }),
      let status = Int(String(decoding: bytes.prefix(3), as: UTF8.self)), (100...599).contains(status)
    else { return HTTPResponse(status: 200, body: bytes) }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n").dropFirst()
    let headers = lines.map { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      let value = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
      return (name: (parts.first.map(String.init) ?? "").lowercased(), value: value)
    }
    return HTTPResponse(status: status, headers: headers, body: Array(bytes[(end + 2)...]))
  }

  func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
    if let other = fixed.first(where: { request.url.contains($0.part) }) { return other.response }
    guard asked.add(1, ordering: .relaxed).newValue <= Self.longestConversation else {
      throw HTTPClientError(.unreachable, "the backend went silent")
    }
    return response
  }
}

/// Waits for what `body` gives: what reads the bytes is asynchronous, and targets are not. Not for a thread of Swift's
/// own pool, which `body` may need.
func awaited<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) throws -> Value {
  let delivery = Delivery<Value>()
  let done = DispatchSemaphore(value: 0)
  Task {
    let value = await body()
    delivery.value.withLock { $0 = value }
    done.signal()
  }
  done.wait()
  guard let value = delivery.value.withLock({ $0 }) else { throw BrokenProperty(description: "there is a result") }
  return value
}

private final class Delivery<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
