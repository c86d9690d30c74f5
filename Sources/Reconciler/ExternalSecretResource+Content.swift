import ExternalSecrets
import FederationAPI
import JSON
import Resources

extension ExternalSecretResource {
  /// Checks what only those can who resolve `data` and `dataFrom` and apply templates. Throws INVALID_ARGUMENT with the
  /// path below `spec` of what is wrong.
  public func checkContent() throws(RPCError) {
    _ = try ExternalSecretSpec(data: data, dataFrom: dataFrom)
    try Self.checkSources(data, "data")
    try Self.checkSources(dataFrom, "dataFrom")
    try target.template?.check()
  }

  /// Every value comes from the one store, or from a generator.
  private static func checkSources(_ json: [UInt8], _ field: String) throws(RPCError) {
    if json.isEmpty { return }
    let items = (try? JSONValue.parse(json, maximumByteCount: ExternalSecretSpec.maximumBytes))?.array ?? []
    for (index, item) in items.enumerated() where item["sourceRef"]?["storeRef"] != nil {
      throw RPCError(
        .invalidArgument,
        "\(field)[\(index)].sourceRef.storeRef: is not served by this agent; "
          + "write another ExternalSecret with that store in spec.secretStoreRef")
    }
  }
}
