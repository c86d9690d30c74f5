import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct SecretCommandTests {
  let temporary: TemporaryDirectory
  let data: String

  init() throws {
    temporary = try TemporaryDirectory()
    data = temporary.path + "/data"
  }

  private struct Outcome {
    let exit: ChildProgram.Exit
    let stdout: [UInt8]
    let stderr: String
    var text: String { String(decoding: stdout, as: UTF8.self) }
  }

  private func secret(_ arguments: String..., stdin: [UInt8] = []) async throws -> Outcome {
    let child = try ChildProgram(product: "federation-server", arguments: ["secret"] + arguments, stdin: stdin)
    let exit = await child.wait()
    return Outcome(exit: exit, stdout: child.stdout.bytes, stderr: child.stderr.text)
  }

  @Test("what put took from stdin, get writes to stdout byte for byte; put tells the version")
  func roundTrip() async throws {
    let value: [UInt8] = [0, 0xFF, 0x0A, 0x61, 0x0A]
    let put = try await secret("put", "--data", data, "local", "db/password", stdin: value)
    #expect(put.exit == .status(0))
    #expect(put.text == "local/db/password version 1\n")
    #expect(put.stderr.isEmpty)
    let get = try await secret("get", "local", "db/password", "--data=\(data)")
    #expect(get.exit == .status(0))
    #expect(get.stdout == value)
  }

  @Test("get takes a version and a property")
  func versionAndProperty() async throws {
    for number in 1...2 {
      let json = "{\"a\": {\"b\": [1.50, \"v\(number)\"]}}"
      _ = try await secret("put", "--data", data, "local", "k", stdin: Array(json.utf8))
    }
    let newest = try await secret("get", "--data", data, "--property", "a.b.1", "local", "k")
    #expect(newest.text == "v2")
    let first = try await secret("get", "--data", data, "--property", "a.b", "--version", "1", "local", "k")
    #expect(first.text == "[1.50,\"v1\"]")
    let missing = try await secret("get", "--data", data, "--property", "a.c", "local", "k")
    #expect(missing.exit == .status(1))
    #expect(missing.stdout.isEmpty)
    #expect(missing.stderr == "federation-server secret: secret \"k\" in store \"local\" has no property \"a.c\"\n")
  }

  @Test("list shows names, versions and times as a table or JSON, and delete removes")
  func listAndDelete() async throws {
    for (store, key) in [("b", "one"), ("a", "two"), ("b", "one")] {
      _ = try await secret("put", "--data", data, store, key, stdin: Array("hunter2".utf8))
    }
    let table = try await secret("list", "--data", data)
    let rows = table.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows.map { $0.prefix(3).joined(separator: " ") } == ["STORE KEY VERSION", "a two 1", "b one 2"])
    #expect(!table.text.contains("hunter2"))
    let json = try await secret("list", "--data", data, "--output", "json", "b")
    let entries = try #require(JSONSerialization.jsonObject(with: Data(json.stdout)) as? [[String: Any]])
    #expect(entries.count == 1)
    #expect(entries.first?["key"] as? String == "one")
    #expect(entries.first?["version"] as? Int == 2)
    let created = try #require(entries.first?["created"] as? String)
    #expect(ISO8601DateFormatter().date(from: created) != nil)
    #expect(try await secret("delete", "--data", data, "b", "one").exit == .status(0))
    let gone = try await secret("get", "--data", data, "b", "one")
    #expect(gone.exit == .status(1))
    #expect(gone.stderr == "federation-server secret: no secret \"one\" in store \"b\"\n")
  }

  @Test("a value over the limit is refused, and nothing is made for it")
  func tooLarge() async throws {
    let put = try await secret("put", "--data", data, "local", "k", stdin: [UInt8](repeating: 0, count: (1 << 20) + 1))
    #expect(put.exit == .status(1))
    #expect(put.stderr.contains("more than 1048576 bytes"))
    #expect(!FileManager.default.fileExists(atPath: data))
  }

  @Test("get, list and delete make no database where there is none", arguments: ["get", "list", "delete"])
  func noDatabase(verb: String) async throws {
    let operands = verb == "list" ? [] : ["local", "k"]
    let child = try ChildProgram(product: "federation-server", arguments: ["secret", verb, "--data", data] + operands)
    #expect(await child.wait() == .status(1))
    #expect(child.stderr.text.contains("no database in \(data)"))
    #expect(!FileManager.default.fileExists(atPath: data))
  }

  @Test(
    "a command line that makes no sense ends with 2 and the usage",
    arguments: [
      [], ["take"], ["put", "local", "k"], ["put", "--data", "", "local", "k"], ["put", "--data", "D", "local"],
      ["put", "--data", "D", "local", "k", "value"], ["get", "--data", "D", "--version", "0", "local", "k"],
      ["get", "--data", "D", "--version", "v1", "local", "k"], ["put", "--data", "D", "--version", "1", "local", "k"],
      ["list", "--data", "D", "a", "b"], ["list", "--data", "D", "--output", "xml"], ["list", "--data"],
    ])
  func usage(arguments: [String]) async throws {
    let child = try ChildProgram(product: "federation-server", arguments: ["secret"] + arguments)
    #expect(await child.wait() == .status(2))
    #expect(child.stdout.text.isEmpty)
    #expect(child.stderr.text.contains("usage: federation-server secret put"))
  }

  @Test("help is an answer, not an error", arguments: [["--help"], ["put", "--help"]])
  func help(arguments: [String]) async throws {
    let child = try ChildProgram(product: "federation-server", arguments: ["secret"] + arguments)
    #expect(await child.wait() == .status(0))
    #expect(child.stdout.text.contains("usage: federation-server secret put"))
  }
}
