import FederationAPI
import JSON
import RegularExpressions
import SecretStores

/// Values by key while they are put together for one item of `dataFrom`; keys are compared by bytes.
public struct SecretValues: Sendable {
  /// The values.
  public private(set) var values: [JSONName: SecretBytes]

  /// Starts with `values`.
  public init(_ values: [JSONName: SecretBytes]) { self.values = values }

  /// Keys in byte order, so that of two that become one it is always the same that wins.
  private var sorted: [(key: String, value: SecretBytes)] {
    values.map { ($0.key.text, $0.value) }.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  /// Applies `rewrites` in order. `path` is that of the item; throws what an operation runs into, with its path.
  public mutating func rewrite(
    _ rewrites: [ExternalSecretSpec.Rewrite], path: String, _ effort: inout Effort
  ) throws(RPCError) {
    for (index, rewrite) in rewrites.enumerated() {
      let path = "\(path).rewrite[\(index)]"
      switch rewrite {
      case .regexp(let source, let target): try replace(source, target, path, &effort)
      case .merge(let merge): try self.merge(merge, path)
      }
    }
  }

  private mutating func replace(
    _ source: RegularExpression, _ target: String, _ path: String, _ effort: inout Effort
  ) throws(RPCError) {
    var rewritten: [JSONName: SecretBytes] = [:]
    for (key, value) in sorted {
      do throws(EffortSpent) {
        rewritten[JSONName(try source.replacing(in: key, with: target, &effort))] = value
      } catch {
        throw .tooMuchEffort(path)
      }
    }
    values = rewritten
  }

  private mutating func merge(_ merge: ExternalSecretSpec.Merge, _ path: String) throws(RPCError) {
    let priority = merge.priority.map { JSONName($0) }
    var merged: [JSONName: JSONMember] = [:]
    for key in sorted.map({ JSONName($0.key) }).filter({ !priority.contains($0) }) + priority {
      guard let value = values[key] else {
        if merge.ignoresMissing { continue }
        throw FieldReader.failed(path, "there is no key \"\(FieldReader.excerpt(key.text))\" of priority")
      }
      guard let members = value.jsonMembers() else {
        throw FieldReader.failed(path, "the value of \"\(FieldReader.excerpt(key.text))\" is no JSON object")
      }
      for member in members {
        guard merged.updateValue(member, forKey: JSONName(member.name)) == nil || merge.ignoresConflicts else {
          throw FieldReader.failed(path, "two values have the member \"\(FieldReader.excerpt(member.name))\"")
        }
      }
    }
    guard let into = merge.into else {
      values = merged.mapValues { $0.isPlain ? $0.content : $0.text }
      return
    }
    values[JSONName(into)] = Self.object(merged)
  }

  /// The members as one JSON object, names in byte order.
  private static func object(_ members: [JSONName: JSONMember]) -> SecretBytes {
    let sorted = members.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let names = sorted.map { JSONValue.string($0.name).encoded() }
    var text: [UInt8] = []
    text.reserveCapacity(zip(names, sorted).reduce(2) { $0 + $1.0.count + $1.1.text.count + 2 })
    text.append(UInt8(ascii: "{"))
    for (index, member) in sorted.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      text += names[index]
      text.append(UInt8(ascii: ":"))
      member.text.withBytes { bytes in bytes.withUnsafeBytes { text.append(contentsOf: $0) } }
    }
    text.append(UInt8(ascii: "}"))
    return SecretBytes(wiping: &text)
  }

  /// Converts the keys; throws when two become one.
  public mutating func convert(_ strategy: ConversionStrategy, path: String) throws(RPCError) {
    var converted: [JSONName: SecretBytes] = [:]
    for (key, value) in sorted {
      let name = SecretKey.converted(key, strategy)
      guard converted.updateValue(value, forKey: JSONName(name)) == nil else {
        throw FieldReader.failed(path, "two keys become \"\(FieldReader.excerpt(name))\"")
      }
    }
    values = converted
  }

  /// What goes into the Secret: keys checked, an empty one dropped as ESO does, values decoded.
  public func finished(
    _ treatment: ExternalSecretSpec.Treatment, path: String
  ) throws(RPCError) -> [String: SecretBytes] {
    var result: [String: SecretBytes] = [:]
    for (key, value) in sorted where !key.isEmpty {
      guard SecretKey.isValid(key) else {
        throw FieldReader.failed(path, "\"\(FieldReader.excerpt(key))\" \(SecretKey.rule)")
      }
      result[key] = try treatment.applied(to: value, of: key, path: path)
    }
    return result
  }
}

extension ExternalSecretSpec.Treatment {
  /// `value`, which goes to `key`, decoded and checked.
  public func applied(to value: SecretBytes, of key: String, path: String) throws(RPCError) -> SecretBytes {
    guard let decoded = decoding.decode(value) else {
      throw FieldReader.failed(path, "the value of \"\(key)\" is not \(decoding.rawValue)")
    }
    if refusesNUL, decoded.withBytes({ $0.withUnsafeBytes { $0.contains(0) } }) {
      throw FieldReader.failed(path, "the value of \"\(key)\" has a NUL byte, which nullBytePolicy refuses")
    }
    return decoded
  }
}

extension FieldReader {
  /// What is right in itself, but not for what the stores hold.
  static func failed(_ path: String, _ problem: String) -> RPCError {
    RPCError(.failedPrecondition, "\(path): \(problem)")
  }
}

extension RPCError {
  /// What a caller is told whose regular expressions take too long.
  public static func tooMuchEffort(_ path: String) -> RPCError {
    RPCError(.resourceExhausted, "\(path): the regular expressions take too long over these keys")
  }
}
