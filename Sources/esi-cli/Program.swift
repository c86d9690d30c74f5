import FederationClient
import Glibc

/// The program that esi-cli becomes.
struct Program: Sendable {
  /// Absolute path, also its `argv[0]`.
  var path: String
  var arguments: [String]

  /// Finds out before any secret is fetched that the program could not be run.
  func check() throws(Failure) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw Self.failure(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw Self.failure(path, EACCES) }
    guard access(path, X_OK) == 0 else { throw Self.failure(path, errno) }
  }

  /// Replaces this process by execve(2). Returns only by throwing.
  func replaceProcess(environment: EnvironmentBlock, inherited: ProcessInheritance) throws(Failure) -> Never {
    inherited.restore()
    let vector = CStringVector(([path] + arguments).map { Array($0.utf8) })
    let variables = CStringVector(environment.assignments)
    execve(path, vector.pointers, variables.pointers)
    throw Self.failure(path, errno)
  }

  private static func failure(_ path: String, _ reason: Int32) -> Failure {
    let isMissing = reason == ENOENT || reason == ENOTDIR
    return Failure(
      status: isMissing ? .notFound : .notExecutable,
      message: "cannot run --binary-path \(path): \(String(cString: strerror(reason)))")
  }
}
