import FederationAPI
import Foundation
import TestSupport
import Testing

@testable import FederationClient

@Suite struct InjectionTests {
  private func injection(
    _ plan: InjectionPlan, _ values: [String: [UInt8]]
  ) throws -> Injection {
    var named: [SecretName: SecretBytes] = [:]
    for (name, bytes) in values { named[try #require(SecretName(parsing: name))] = SecretBytes(bytes) }
    return try Injection(plan, values: named)
  }

  @Test("injected variables replace every inherited one of the same name, and no other")
  func overInherited() throws {
    let plan = try InjectionPlan(environment: ["PATH=v.path"])
    let block = try injection(plan, ["v.path": Array("new".utf8)])
      .environment(over: ["PATH=/bin", "PATHS=kept", "PATH=/twice", "HOME=/root"].map { Array($0.utf8) })
    #expect(block.assignments == ["PATHS=kept", "HOME=/root", "PATH=new"].map { Array($0.utf8) })
  }

  @Test("a variable takes any byte but NUL")
  func bytes() throws {
    let plan = try InjectionPlan(environment: ["PIN=v.pin"])
    let block = try injection(plan, ["v.pin": [0xFF, 0x0A, 0x80]]).environment(over: [])
    #expect(block.assignments == [Array("PIN=".utf8) + [0xFF, 0x0A, 0x80]])
    let error = #expect(throws: InjectionError.self) {
      try injection(plan, ["v.pin": [0x41, 0x00]]).environment(over: [])
    }
    #expect(error?.message.contains("PIN has a NUL byte") == true)
  }

  @Test("a single value is written byte for byte, a mapping as a document")
  func files() throws {
    let directory = try TemporaryDirectory()
    let plan = try InjectionPlan(
      files: [
        "\(directory.path)/raw=v.raw,\(directory.path)/all.yaml=w",
        "\(directory.path)/text=w.text,\(directory.path)/all.json=w",
      ])
    try injection(plan, ["v.raw": [0x00, 0xFF], "w.text": Array("a\n".utf8)]).writeFiles()
    func content(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: "\(directory.path)/\(name)")) }
    #expect(try content("raw") == Data([0x00, 0xFF]))
    #expect(try content("text") == Data("a\n".utf8))
    #expect(try content("all.yaml") == Data("\"text\": \"a\\n\"\n".utf8))
    #expect(try content("all.json") == Data("{\"text\": \"a\\n\"}\n".utf8))
  }

  @Test("when one file cannot be written, none is changed")
  func allOrNothing() throws {
    let directory = try TemporaryDirectory()
    let first = try directory.write("old", to: "first")
    let file = try directory.write("", to: "is-a-file")
    let plan = try InjectionPlan(files: ["\(first)=v.k,\(file)/below=v.k"])
    #expect(throws: InjectionError.self) { try injection(plan, ["v.k": [0x41]]).writeFiles() }
    #expect(try String(contentsOfFile: first, encoding: .utf8) == "old")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["first", "is-a-file"])
  }

  @Test("a secret that was not fetched is an error before anything is written")
  func missing() throws {
    let plan = try InjectionPlan(environment: ["A=v.k"])
    #expect(throws: InjectionError("v.k was not fetched")) { try injection(plan, [:]) }
  }
}
