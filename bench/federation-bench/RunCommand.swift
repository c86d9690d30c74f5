import Glibc
import JSON
import LoadGenerator

/// `federation-bench run`.
enum RunCommand {
  /// 0 when every answer was right, 1 when one was not.
  static func run(_ arguments: [String]) async throws -> Int32 {
    let options = try RunOptions(arguments: arguments)
    let counts = try await LoadTest(options) { writeError($0) }.run()
    let report = RunReport(options: options, counts: counts)
    print(report.table, terminator: "")
    if let path = options.jsonFile { try ByteFile.write(report.json.encoded() + [UInt8(ascii: "\n")], to: path) }
    fflush(nil)
    return report.isGood ? 0 : 1
  }
}

/// One line on stderr.
func writeError(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = write(2, line, line.count)
}
