import Foundation
import JSON
import TestSupport
import Testing
import Transport

/// One answer of `/metrics`, read by the parser of Prometheus's own client.
struct Scrape {
  /// One number, by its name and labels.
  struct Key: Hashable, CustomStringConvertible {
    let name: String
    let labels: [String: String]

    init(_ name: String, _ labels: [String: String] = [:]) {
      self.name = name
      self.labels = labels
    }

    var description: String { "\(name) \(labels.sorted { $0.key < $1.key })" }
  }

  /// As it came.
  let text: String
  /// By name and labels.
  private(set) var values: [Key: Double] = [:]
  /// The families' types, by the names that their TYPE lines say.
  private(set) var types: [String: String] = [:]

  init(_ address: ListenAddress?) async throws {
    let answer = try await Scrape.curl("http://\(try #require(address))/metrics")
    #expect(answer.status == "200")
    text = answer.body
    for line in try await PythonPeer.run("Tests/MetricsPeer/parse.py", [], stdin: Array(text.utf8)) {
      let family = try #require(line["family"]?.string)
      let type = try #require(line["type"]?.string)
      #expect(line["help"]?.string?.isEmpty == false, "\(family)")
      // The parser takes the end off the names of counters.
      types[type == "counter" ? "\(family)_total" : family] = type
      guard let name = line["name"]?.string else { continue }
      let labels = try #require(line["labels"]?.object).map { ($0.key.text, $0.value.string ?? "") }
      let key = Key(name, Dictionary(uniqueKeysWithValues: labels))
      #expect(values[key] == nil, "\(key) twice")
      values[key] = line["value"]?.number
    }
  }

  subscript(name: String, labels: [String: String]) -> Double? { values[Key(name, labels)] }
  subscript(name: String) -> Double? { values[Key(name)] }

  /// The numbers of one family that are not 0.
  func counted(_ name: String) -> [[String: String]: Double] {
    var counted: [[String: String]: Double] = [:]
    for (key, value) in values where key.name == name && value != 0 { counted[key.labels] = value }
    return counted
  }

  /// What curl is answered.
  struct Answer: Equatable {
    let status: String
    let body: String

    init(_ status: String, _ body: String) {
      self.status = status
      self.body = body
    }
  }

  /// Runs curl.
  static func curl(_ arguments: String...) async throws -> Answer {
    let curl = try ChildProgram(
      path: "/usr/bin/curl", arguments: ["-sS", "--max-time", "60", "-w", "\n%{http_code}"] + arguments)
    let exit = await curl.wait()
    #expect(exit == .status(0), "\(curl.stderr.text)")
    let lines = curl.stdout.text.split(separator: "\n", omittingEmptySubsequences: false)
    return Answer(String(lines.last ?? ""), lines.dropLast().joined(separator: "\n"))
  }
}
