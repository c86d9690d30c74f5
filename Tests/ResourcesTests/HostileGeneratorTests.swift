import Foundation
import Resources
import Testing

/// Whatever stands in a manifest, it is either kept, or left out with an error.
@Suite struct HostileGeneratorTests {
  private static let values = [
    "", "''", "-1", "1e9", "99999999999999999999999", "0x1f", "[]", "{}", "[a, 1, ~]", "\"a\\0b\"", "'{{ .a.b }}'",
    "'{{ .vendor.password | toJson }}'", "\"\\u2028\"", "'\(String(repeating: "x", count: 9_000))'", "2001-01-01",
    "|\n    two\n    lines",
  ]

  /// The examples of docs/GENERATORS.md, each with its fields' lines.
  private static func examples() throws -> [[String]] {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/GENERATORS.md")
    let parts = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```")
    return stride(from: 1, to: parts.count, by: 2).map { parts[$0] }.filter { $0.hasPrefix("yaml\n") }
      .map { $0.dropFirst(5).split(separator: "\n").map(String.init) }
  }

  private func check(_ text: String, _ directory: ManifestDirectory) throws {
    try directory.write("a.yaml", text)
    let (manifests, diagnostics) = directory.load()
    let kept = manifests.generators.count + manifests.secrets.count + manifests.authorizations.count
    #expect((kept == 1) != diagnostics.contains(where: \.isError), "\(text.prefix(2_000)): \(diagnostics)")
    for generator in manifests.generators {
      let again = try GeneratorResource(snapshot: generator.snapshot)
      #expect(again.snapshot.utf8.elementsEqual(generator.snapshot.utf8), "\(text.prefix(2_000))")
    }
  }

  @Test("each field of each example with each hostile value")
  func hostileValues() throws {
    let directory = try ManifestDirectory()
    for lines in try Self.examples() {
      for (number, line) in lines.enumerated() {
        guard let colon = line.firstRange(of: ":") else { continue }
        for value in Self.values {
          var changed = lines
          changed[number] = line[..<colon.upperBound] + " " + value
          // What stood below the field would belong to the value.
          let indent = line.prefix { $0 == " " || $0 == "-" }.count
          let below = changed[(number + 1)...].prefix { $0.prefix { $0 == " " || $0 == "-" }.count > indent }
          changed.removeSubrange(below.startIndex..<below.endIndex)
          try check(changed.joined(separator: "\n") + "\n", directory)
        }
      }
    }
  }

  @Test("each example without each of its lines")
  func missingLines() throws {
    let directory = try ManifestDirectory()
    for lines in try Self.examples() {
      for number in lines.indices {
        var changed = lines
        changed.remove(at: number)
        try check(changed.joined(separator: "\n") + "\n", directory)
      }
    }
  }
}
