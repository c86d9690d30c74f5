import FederationAPI
import JSON
import SecretStores

extension ExternalSecretSpec.RemoteReference {
  /// Reads all of `remoteRef` or `extract`.
  init(_ reader: inout FieldReader) throws(RPCError) {
    key = try reader.requiredText("key", atMost: Limits.secretName)
    property = try reader.text("property", atMost: Limits.property).flatMap { $0.isEmpty ? nil : $0 }
    version = try reader.text("version", atMost: Limits.version).flatMap { $0.isEmpty ? nil : $0 }
    let policy = try reader.choice("metadataPolicy", ["None", "Fetch"])
    guard policy == "None" else {
      throw FieldReader.invalid(reader.path(of: "metadataPolicy"), "Fetch is not served: no store here has metadata")
    }
    treatment = try ExternalSecretSpec.Treatment(&reader)
    try reader.finish()
  }
}

extension ExternalSecretSpec.Treatment {
  fileprivate init(_ reader: inout FieldReader) throws(RPCError) {
    self.init()
    let decoding = try reader.choice("decodingStrategy", ["None", "Base64", "Base64URL", "Auto"])
    self.decoding = DecodingStrategy(rawValue: decoding) ?? .none
    let conversion = try reader.choice("conversionStrategy", ["Default", "Unicode"])
    self.conversion = ConversionStrategy(rawValue: conversion) ?? .default
    refusesNUL = try reader.choice("nullBytePolicy", ["Ignore", "Fail"]) == "Fail"
  }
}

extension ExternalSecretSpec.Find {
  /// Reads all of `find`.
  init(_ reader: inout FieldReader) throws(RPCError) {
    if var name = try reader.object("name") {
      pattern = try name.pattern("regexp")
      try name.finish()
    }
    path = try reader.text("path", atMost: Limits.secretName)
    tags = try Self.tags(&reader)
    guard pattern != nil || path != nil || !tags.isEmpty else {
      throw FieldReader.invalid(reader.path, "needs name.regexp, path or tags")
    }
    treatment = try ExternalSecretSpec.Treatment(&reader)
    try reader.finish()
  }
}

extension ExternalSecretSpec.Find {
  /// More than the tags' names and values have in any of the backends.
  private static let maximumTagBytes = 1_024

  private static func tags(_ reader: inout FieldReader) throws(RPCError) -> [SecretTag] {
    let path = reader.path(of: "tags")
    guard let value = reader.value("tags") else { return [] }
    guard let members = value.object else { throw FieldReader.invalid(path, "must be an object of strings") }
    guard members.count <= ExternalSecretSpec.maximumTags else {
      throw FieldReader.invalid(path, "has more than \(ExternalSecretSpec.maximumTags) tags")
    }
    var tags: [SecretTag] = []
    for (key, value) in members {
      guard let text = value.string else { throw FieldReader.invalid(path, "must be an object of strings") }
      for part in [key.text, text] {
        guard part.utf8.count <= maximumTagBytes, !part.utf8.contains(0) else {
          throw FieldReader.invalid(path, "must have keys and values of at most \(maximumTagBytes) bytes without NUL")
        }
      }
      guard !key.text.isEmpty else { throw FieldReader.invalid(path, "has an empty key") }
      tags.append(SecretTag(key: key.text, value: text))
    }
    return tags.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }
}

extension ExternalSecretSpec.Rewrite {
  init(_ value: JSONValue, _ path: String) throws(RPCError) {
    var reader = try FieldReader(value, path)
    var rewrites: [Self] = []
    if reader.value("transform") != nil {
      throw FieldReader.invalid(reader.path(of: "transform"), "templates are not served; use regexp")
    }
    if var regexp = try reader.object("regexp") {
      rewrites.append(
        .regexp(source: try regexp.pattern("source"), target: try regexp.text("target") ?? ""))
      try regexp.finish()
    }
    if var merge = try reader.object("merge") { rewrites.append(.merge(try ExternalSecretSpec.Merge(&merge))) }
    guard rewrites.count == 1 else { throw FieldReader.invalid(path, "needs exactly one of regexp and merge") }
    self = rewrites[0]
    try reader.finish()
  }
}

extension ExternalSecretSpec.Merge {
  fileprivate init(_ reader: inout FieldReader) throws(RPCError) {
    let isJSON = try reader.choice("strategy", ["Extract", "JSON"]) == "JSON"
    let into = try reader.text("into") ?? ""
    guard !isJSON || !into.isEmpty else { throw FieldReader.invalid(reader.path(of: "into"), "is required") }
    self.into = isJSON ? into : nil
    ignoresConflicts = try reader.choice("conflictPolicy", ["Error", "Ignore"]) == "Ignore"
    ignoresMissing = try reader.choice("priorityPolicy", ["Strict", "IgnoreNotFound"]) == "IgnoreNotFound"
    priority = []
    if let list = reader.value("priority") {
      guard let items = list.array, items.count <= 1_000 else {
        throw FieldReader.invalid(reader.path(of: "priority"), "must be an array of at most 1000 strings")
      }
      for item in items {
        guard let text = item.string else {
          throw FieldReader.invalid(reader.path(of: "priority"), "must be an array of strings")
        }
        priority.append(text)
      }
    }
    try reader.finish()
  }
}
