import Foundation
import Testing
import Threads

/// Every input that was found worth keeping, in the ordinary build; `make fuzz` starts from the same ones.
@Suite struct CorpusTests {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("FuzzCorpus")

  private static func files(of folder: URL) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.path < $1.path }
  }

  @Test("what must hold does for each input, for the empty one and for each cut short", arguments: FuzzTarget.all)
  func replay(target: FuzzTarget) async throws {
    let files = try Self.files(of: Self.corpus.appendingPathComponent(target.name))
    #expect(files.count >= 8)
    var inputs: [(name: String, bytes: [UInt8])] = [("nothing", [])]
    for file in files {
      let bytes = try [UInt8](Data(contentsOf: file))
      inputs += [
        (file.lastPathComponent, bytes), ("half of \(file.lastPathComponent)", Array(bytes.prefix(bytes.count / 2))),
      ]
    }
    for fault in try await Self.faults(of: target, inputs) { Issue.record("\(fault)") }
  }

  /// What does not hold for `inputs`. Targets wait for what they started, which no thread of Swift's own pool may.
  private static func faults(of target: FuzzTarget, _ inputs: [(name: String, bytes: [UInt8])]) async throws -> [String]
  {
    let (faults, thread) = AsyncStream<String>.makeStream()
    try startDetachedThread(name: "replay") {
      for (name, bytes) in inputs {
        do { try target.run(bytes) } catch { thread.yield("\(name): \(error)") }
      }
      thread.finish()
    }
    return await faults.reduce(into: []) { $0.append($1) }
  }

  @Test("each folder of the corpus is a target's, and each target has one")
  func folders() throws {
    let folders = try Self.files(of: Self.corpus).map(\.lastPathComponent)
    #expect(folders == FuzzTarget.all.map(\.name).sorted())
  }

  @Test("a property that does not hold is told")
  func broken() throws {
    let target = FuzzTarget("even") { try hold($0.count % 2 == 0, "the count \($0.count) is even") }
    try target.run([1, 2])
    #expect(throws: BrokenProperty.self) { try target.run([1]) }
  }

  @Test("pieces are the whole, whatever their sizes", arguments: [0, 1, 2, 100, 5_000])
  func split(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let parts = pieces(of: bytes)
    #expect(parts.flatMap { $0 } == bytes)
    #expect(!parts.contains([]))
  }
}
