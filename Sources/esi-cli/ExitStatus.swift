/// How esi-cli ends when it does not become the program that it was asked to run.
enum ExitStatus: Int32 {
  /// Help or the version was printed.
  case success = 0
  /// A secret could not be fetched or injected; the program was not started.
  case injectionFailed = 1
  /// The command line makes no sense or asks for what this version does not have.
  case usage = 2
  /// The program exists but cannot be run; what a shell answers.
  case notExecutable = 126
  /// There is no such program; what a shell answers.
  case notFound = 127
}

/// An end with a message for stderr.
struct Failure: Error, Equatable {
  var status: ExitStatus
  var message: String

  static func usage(_ message: String) -> Failure { Failure(status: .usage, message: message) }
}
