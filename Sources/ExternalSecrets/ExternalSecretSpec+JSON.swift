import FederationAPI
import JSON

extension ExternalSecretSpec {
  /// Reads `spec.data` and `spec.dataFrom`, each as a JSON array; nothing, or `null`, is an empty one.
  ///
  /// Throws INVALID_ARGUMENT with the JSON path of what is wrong: unknown fields, values of another type or out of range,
  /// and what ESO has and this server does not.
  public init(data: [UInt8], dataFrom: [UInt8]) throws(RPCError) {
    try self.init(data: Self.parse(data, "data"), dataFrom: Self.parse(dataFrom, "dataFrom"))
  }

  /// As the other form, for values that are parsed already.
  public init(data: JSONValue, dataFrom: JSONValue) throws(RPCError) {
    for (index, value) in try Self.items(data, "data", atMost: Self.maximumData).enumerated() {
      self.data.append(try DataItem(value, "data[\(index)]"))
    }
    for (index, value) in try Self.items(dataFrom, "dataFrom", atMost: Self.maximumDataFrom).enumerated() {
      self.dataFrom.append(try DataFromItem(value, "dataFrom[\(index)]"))
    }
    let generators = self.dataFrom.filter { if case .generator = $0.source { true } else { false } }
    guard generators.count <= Self.maximumGenerators else {
      throw FieldReader.invalid("dataFrom", "names more than \(Self.maximumGenerators) generators")
    }
  }

  private static func parse(_ text: [UInt8], _ path: String) throws(RPCError) -> JSONValue {
    if text.isEmpty { return .null }
    do throws(JSONError) {
      return try JSONValue.parse(text, maximumByteCount: maximumBytes)
    } catch {
      throw FieldReader.invalid(path, "\(error)")
    }
  }

  private static func items(
    _ value: JSONValue, _ path: String, atMost limit: Int
  ) throws(RPCError) -> [JSONValue] {
    if value == .null { return [] }
    guard let items = value.array else { throw FieldReader.invalid(path, "must be an array") }
    guard items.count <= limit else {
      throw FieldReader.invalid(path, "has more than \(limit) items")
    }
    return items
  }
}

extension ExternalSecretSpec.DataItem {
  init(_ value: JSONValue, _ path: String) throws(RPCError) {
    var reader = try FieldReader(value, path)
    secretKey = try reader.requiredText("secretKey")
    guard SecretKey.isValid(secretKey) else {
      throw FieldReader.invalid(reader.path(of: "secretKey"), SecretKey.rule)
    }
    guard var remote = try reader.object("remoteRef") else {
      throw FieldReader.invalid(reader.path(of: "remoteRef"), "is required")
    }
    self.remote = try ExternalSecretSpec.RemoteReference(&remote)
    if var source = try reader.object("sourceRef") {
      guard source.value("generatorRef") == nil else {
        throw FieldReader.invalid(source.path(of: "generatorRef"), "data takes no generator; use dataFrom")
      }
      store = try storeName(&source)
      guard store != nil else { throw FieldReader.invalid(source.path(of: "storeRef"), "is required") }
      try source.finish()
    }
    try reader.finish()
  }
}

extension ExternalSecretSpec.DataFromItem {
  init(_ value: JSONValue, _ path: String) throws(RPCError) {
    var reader = try FieldReader(value, path)
    var sources: [Source] = []
    if var extract = try reader.object("extract") {
      sources.append(.extract(try ExternalSecretSpec.RemoteReference(&extract)))
    }
    if var find = try reader.object("find") { sources.append(.find(try ExternalSecretSpec.Find(&find))) }
    if var source = try reader.object("sourceRef") {
      store = try storeName(&source)
      if var generator = try source.object("generatorRef") {
        guard store == nil else { throw FieldReader.invalid(source.path, "names a store and a generator") }
        sources.append(try Source(generator: &generator))
      } else if store == nil {
        throw FieldReader.invalid(source.path, "needs storeRef or generatorRef")
      }
      try source.finish()
    }
    guard sources.count == 1 else {
      throw FieldReader.invalid(path, "needs exactly one of extract, find and sourceRef.generatorRef")
    }
    source = sources[0]
    rewrites = []
    if let list = reader.value("rewrite") {
      let path = reader.path(of: "rewrite")
      guard let items = list.array else { throw FieldReader.invalid(path, "must be an array") }
      guard items.count <= ExternalSecretSpec.maximumRewrites else {
        throw FieldReader.invalid(path, "has more than \(ExternalSecretSpec.maximumRewrites) operations")
      }
      for (index, item) in items.enumerated() {
        rewrites.append(try ExternalSecretSpec.Rewrite(item, "\(path)[\(index)]"))
      }
    }
    try reader.finish()
  }
}

extension ExternalSecretSpec.DataFromItem.Source {
  fileprivate init(generator reader: inout FieldReader) throws(RPCError) {
    _ = try reader.choice("apiVersion", ["generators.external-secrets.io/v1alpha1"])
    self = .generator(
      // ESO takes the ExternalSecret's own namespace, which is not sent here.
      namespace: try reader.text("namespace", atMost: Limits.namespace) ?? "default",
      kind: try reader.requiredText("kind", atMost: Limits.generatorKind),
      name: try reader.requiredText("name", atMost: Limits.generatorName))
    try reader.finish()
  }
}

/// Reads `storeRef`, whose kind this server has but one of.
private func storeName(_ source: inout FieldReader) throws(RPCError) -> String? {
  guard var reference = try source.object("storeRef") else { return nil }
  _ = try reference.choice("kind", ["ClusterSecretStore"])
  let name = try reference.requiredText("name", atMost: Limits.storeName)
  try reference.finish()
  return name
}
