import FederationAPI
import Foundation
import JSON
import Synchronization
import TestSupport

/// Secrets and tokens of a test that nobody but their owner may come to see, each with a name for failures.
final class HiddenValues: Sendable {
  private let values = Mutex<[(name: String, bytes: [UInt8])]>([])

  /// Random text of `count` characters, from now on hidden.
  func text(_ name: String, count: Int = 40, of alphabet: String = HiddenValues.letters) -> String {
    let characters = Array(alphabet)
    let text = String((0..<count).map { _ in characters[Int.random(in: characters.indices)] })
    add(name, text)
    return text
  }

  static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
  /// What every encoding writes in its own way.
  static let symbols = letters + "<>&/+=%"

  func add(_ name: String, _ text: String) { add(name, Array(text.utf8)) }
  func add(_ name: String, _ bytes: [UInt8]) { values.withLock { $0.append((name, bytes)) } }

  /// Adds what no other token has of `token`: its signature, without which the rest is none.
  func add(_ name: String, token: String) -> String {
    if let signature = token.split(separator: ".").last { add(name, String(signature)) }
    return token
  }

  var count: Int { values.withLock(\.count) }

  /// Those that are in `text` as they are.
  func names(in text: String) -> [String] {
    values.withLock { values in
      values.filter {
        text.utf8.span.count >= $0.bytes.count && text.contains(String(decoding: $0.bytes, as: UTF8.self))
      }
      .map(\.name)
    }
  }

  /// Whether ``search(process:control:)`` may look: it takes CAP_SYS_PTRACE (capabilities(7), number 19).
  static let maySearch: Bool = {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
    let capabilities = line.flatMap { UInt64($0.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16) } ?? 0
    return capabilities & 1 << 19 != 0
  }()

  /// What a core dump of the process holds of them, a line for each that is found. `control`, which is no secret, must be
  /// there: a search that does not find it finds nothing.
  ///
  /// What a call still holds that was answered just now goes with it, so what is found must be found again. What `except`
  /// names is not told.
  func search(process: pid_t, control: String, except names: Set<String> = []) async throws -> [String] {
    var found = try await searchOnce(process, control).filter { !names.contains($0.key) }
    for _ in 0..<4 where !found.isEmpty {
      let again = try await searchOnce(process, control)
      found = found.filter { again.keys.contains($0.key) }
    }
    return found.map { "\($0.key): \($0.value)" }.sorted()
  }

  /// What of them, and of `control`, a core holds that is made of the process as it wants it to be.
  func searchDefaultCore(of process: pid_t, control: String) async throws -> [String: String] {
    try await searchCore("default", of: process, control)
  }

  private func searchOnce(_ process: pid_t, _ control: String) async throws -> [String: String] {
    var found = try await searchCore("whole", of: process, control)
    guard found.removeValue(forKey: "control") != nil else {
      throw TestSupportError("the search did not find what is there: \(control)")
    }
    return found
  }

  private func searchCore(_ extent: String, of process: pid_t, _ control: String) async throws -> [String: String] {
    let needles = values.withLock { $0 } + [("control", Array(control.utf8))]
    let lines = needles.map { "\($0.name)\t\(hexadecimal($0.bytes))\n" }.joined()
    let results = try await PythonPeer.run(
      "Tests/MemoryPeer/search.py", [String(process), extent], stdin: Array(lines.utf8))
    var found: [String: String] = [:]
    for result in results where result["count"]?.integer != 0 {
      found[result["name"]?.string ?? ""] = result["first"]?.string ?? ""
    }
    return found
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
  }
}
