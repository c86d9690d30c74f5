import Foundation
import JSON
import Testing

/// A text eight times as long takes about eight times as long, whatever is in it.
@Suite(.serialized) struct JSONLinearityTests {
  private static let shapes: [(name: String, make: @Sendable (Int) -> String)] = [
    ("nulls", { list("null", $0 / 5) }),
    ("empty arrays", { list("[]", $0 / 3) }),
    ("empty objects", { list("{}", $0 / 3) }),
    ("small objects", { list(#"{"a":1}"#, $0 / 8) }),
    ("nested", { list(String(repeating: "[", count: 30) + String(repeating: "]", count: 30), $0 / 61) }),
    ("members", { object($0 / 12) { #""\#($0)":0"# } }),
    ("members that are objects", { object($0 / 20) { #""\#($0)":{"a":1}"# } }),
    ("names with escapes", { object($0 / 18) { #""\u0061\#($0)":0"# } }),
    ("strings", { list(#""abc""#, $0 / 6) }),
    ("one string", { "\"" + String(repeating: "a", count: $0) + "\"" }),
    ("one string of escapes", { "\"" + String(repeating: "\\n", count: $0 / 2) + "\"" }),
    ("one string past ASCII", { "\"" + String(repeating: "é", count: $0 / 2) + "\"" }),
    ("numbers", { list("1e-300", $0 / 7) }),
    ("one number", { String(repeating: "9", count: $0) + "e-\($0)" }),
    ("one fraction", { "0." + String(repeating: "0", count: $0) + "1" }),
    ("spaces", { String(repeating: " ", count: $0) + "1" }),
    ("combining marks in a name", { "{\"" + marks($0 / 2) + "\":0}" }),
    ("combining marks in names", { size in object(4) { "\"" + marks(size / 8) + "\($0)\":0" } }),
    ("long names", { size in object(16) { "\"" + String(repeating: "x", count: size / 16) + "\($0)\":0" } }),
  ]

  @Test("time is linear in the length", arguments: shapes.map(\.name))
  func linear(name: String) throws {
    let shape = try #require(Self.shapes.first { $0.name == name })
    let short = try seconds(Array(shape.make(4 << 10).utf8))
    let long = try seconds(Array(shape.make(32 << 10).utf8))
    // A square would be 64 times. What is cut off below is what a clock can tell.
    #expect(long < 24 * max(short, 0.000_02), "\(short) s, then \(long) s")
  }

  /// The least of several runs, by the thread's own clock: other programs and threads do not count.
  private func seconds(_ text: [UInt8]) throws -> Double {
    var least = Double.infinity
    for _ in 0..<3 {
      let start = clock()
      _ = try JSONValue.parse(text)
      least = min(least, clock() - start)
    }
    return least
  }

  private func clock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func list(_ element: String, _ count: Int) -> String {
    "[" + Array(repeating: element, count: count).joined(separator: ",") + "]"
  }

  private static func object(_ count: Int, _ member: (Int) -> String) -> String {
    "{" + (0..<count).map(member).joined(separator: ",") + "}"
  }

  /// What takes Unicode's normal form the longest: marks that have to be sorted.
  private static func marks(_ count: Int) -> String { String(repeating: "\u{301}\u{316}", count: count / 2) }
}
