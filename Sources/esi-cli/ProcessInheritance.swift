@preconcurrency import Glibc

/// What this process got from the one that started it.
enum ProcessInheritance {
  /// The environment as `NAME=value` byte strings. Read before any thread is started, so that nothing changes it.
  static func environment() -> [[UInt8]] {
    var assignments: [[UInt8]] = []
    var next = environ
    while let variable = next.pointee {
      assignments.append(Array(UnsafeRawBufferPointer(start: variable, count: strlen(variable))))
      next += 1
    }
    return assignments
  }

  /// The command line without the program's name. Throws when it is not UTF-8, which no flag's value can be.
  static func arguments() throws(Failure) -> [String] {
    var arguments: [String] = []
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let pointer = CommandLine.unsafeArgv[index], let text = String(validatingCString: pointer) else {
        throw .usage("argument \(index) is not UTF-8")
      }
      arguments.append(text)
    }
    return arguments
  }
}
