import CLinux
import Foundation

/// A fresh directory, private to its owner, that goes away with all its files when the last reference does.
public final class TemporaryDirectory: Sendable {
  /// Absolute, without a trailing slash.
  public let path: String

  /// Makes the directory below the system's temporary one.
  public init() throws {
    var template = Array((NSTemporaryDirectory() + "/ese-federation-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw TestSupportError("mkdtemp failed with errno \(clinux_errno())") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, its directories included, and gives its absolute path.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file, options: .atomic)
    return file.path
  }

  /// Writes a text file and gives its absolute path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }
}

/// A fixture that could not be made.
public struct TestSupportError: Error, CustomStringConvertible {
  /// What failed.
  public let description: String

  /// Makes an error.
  public init(_ description: String) { self.description = description }
}
