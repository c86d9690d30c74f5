import TestSupport

/// Runs the built esi-cli to its end.
enum EsiCli {
  /// How a run ended and what it wrote.
  struct Outcome {
    var exit: ChildProgram.Exit
    var stdout: [UInt8]
    var stderr: String

    var text: String { String(decoding: stdout, as: UTF8.self) }
  }

  /// Runs with exactly `environment`.
  static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome {
    let program = try ChildProgram(product: "esi-cli", arguments: arguments, environment: environment)
    let exit = await program.wait()
    return Outcome(exit: exit, stdout: program.stdout.bytes, stderr: program.stderr.text)
  }
}
