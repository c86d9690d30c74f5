import FederationAPI

/// The environment of the program to run, as `NAME=value` byte strings: values need not be UTF-8.
public struct EnvironmentBlock: Equatable, Sendable {
  /// The assignments, without their terminating NUL.
  public private(set) var assignments: [[UInt8]]

  /// Starts with what the process inherited.
  public init(inherited: [[UInt8]]) { assignments = inherited }

  /// Sets `name`, in place of every inherited assignment to it.
  public mutating func set(_ name: String, to value: SecretBytes) throws(InjectionError) {
    let prefix = Array("\(name)=".utf8)
    var assignment = prefix
    value.withBytes { bytes in bytes.withUnsafeBytes { assignment.append(contentsOf: $0) } }
    guard !assignment.contains(0) else {
      throw InjectionError(
        "the value for the environment variable \(name) has a NUL byte, which no variable can hold: "
          + "inject it with --inject-on-file instead")
    }
    assignments.removeAll { $0.starts(with: prefix) }
    assignments.append(assignment)
  }
}
