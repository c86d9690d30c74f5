import FederationAPI
import YAML

extension FederationStoreAuth {
  static let fields = ["kubernetes", "tokenSecretRef", "okta", "pingidentity", "spiffe"]

  /// Reads `spec.auth`, which has one member; nil when something in it was reported.
  init?(_ auth: MappingReader, namespace: String) {
    let present = Self.fields.filter { auth.optional($0) != nil }
    guard let only = present.first, present.count == 1 else {
      guard auth.hasNoMisspeltField || !present.isEmpty else { return nil }
      auth.report.error(auth.line, "\(auth.path.name) must have exactly one of \(Suggestion.list(Self.fields))")
      return nil
    }
    switch only {
    case "tokenSecretRef":
      guard let selector = auth.dataSelector(only, namespace: namespace) else { return nil }
      self = .token(selector)
    case "okta", "pingidentity":
      guard let entry = auth.optional(only), let settings = ClientCredentialsAuth(entry, auth) else { return nil }
      self = .clientCredentials(settings)
    case "kubernetes":
      guard let entry = auth.optional(only),
        let reader = auth.mapping(entry, fields: ["serviceAccountRef", "tokenFile", "caFile"]),
        let settings = KubernetesStoreAuth(reader)
      else { return nil }
      self = .kubernetes(settings)
    default:
      guard let entry = auth.optional(only),
        let reader = auth.mapping(
          entry, fields: ["socketPath", "svidFile", "keyFile", "bundleFile", "serverSpiffeID"]),
        let settings = SPIFFEStoreAuth(reader)
      else { return nil }
      self = .spiffe(settings)
    }
  }
}

extension SPIFFEStoreAuth {
  fileprivate init?(_ auth: MappingReader) {
    let errorsBefore = auth.report.errorCount
    let socket = auth.path("socketPath")
    let (svid, key, bundle) = (auth.path("svidFile"), auth.path("keyFile"), auth.path("bundleFile"))
    var serverID: String?
    if auth.optional("serverSpiffeID") != nil, let id = auth.string("serverSpiffeID", "write the server's SPIFFE ID") {
      if !SPIFFEID.isValid(id.value) {
        auth.report.error(id.line, "\(auth.name("serverSpiffeID")) must be a SPIFFE ID, `spiffe://TRUST-DOMAIN/PATH`")
      }
      serverID = id.value
    }
    guard auth.report.errorCount == errorsBefore else { return nil }
    switch (socket, svid, key) {
    case (let socket?, nil, nil) where bundle == nil: self.init(source: .workloadAPI(socket), serverID: serverID)
    case (nil, let svid?, let key?):
      guard serverID == nil || bundle != nil else {
        auth.report.error(auth.line, "\(auth.path.name) needs `bundleFile`, which `serverSpiffeID` is proved by")
        return nil
      }
      self.init(source: .files(svid: svid, key: key, bundle: bundle), serverID: serverID)
    default:
      auth.report.error(
        auth.line,
        "\(auth.path.name) must have either `socketPath`, or `svidFile` and `keyFile` with their `bundleFile`")
      return nil
    }
  }
}

extension KubernetesStoreAuth {
  fileprivate init?(_ auth: MappingReader) {
    let errorsBefore = auth.report.errorCount
    self.init(tokenFile: auth.path("tokenFile"), caFile: auth.path("caFile"))
    if let entry = auth.optional("serviceAccountRef") {
      guard let reference = auth.mapping(entry, fields: ["name", "audiences"]) else { return nil }
      serviceAccount = reference.objectName("name", "name the service account")?.value
      for item in reference.items("audiences") ?? ListItems([], path: reference.path) {
        guard let text = reference.string(item.node, item.name, emptyAdvice: "remove it") else { continue }
        audiences.append(text.value)
      }
      if reference.optional("audiences") == nil {
        auth.report.warning(
          entry.keyLine,
          "\(auth.name("serviceAccountRef")) names no `audiences`, so its tokens are good for this cluster's own API, "
            + "too, and the server gets them; name one that the server's federation has in its `audiences`")
      }
      if tokenFile != nil {
        auth.report.error(
          entry.keyLine, "\(auth.name("serviceAccountRef")) stands beside `tokenFile`; remove one of them")
      }
    }
    guard auth.report.errorCount == errorsBefore else { return nil }
  }
}

extension ClientCredentialsAuth {
  private static let fields = ["clientId", "privateKeyFile", "keyId", "scopes", "caFile"]
  private enum Region: String, CaseIterable {
    case com, eu, asia, ca
  }

  fileprivate init?(_ entry: YAMLEntry, _ auth: MappingReader) {
    let isOkta = entry.key == "okta"
    let own = isOkta ? ["domain", "authorizationServerId"] : ["region", "environmentId"]
    guard let reader = auth.mapping(entry, fields: own + Self.fields) else { return nil }
    let errorsBefore = auth.report.errorCount
    let provider = isOkta ? Self.okta(reader) : Self.pingIdentity(reader)
    let clientID = reader.string("clientId", "write the client's ID at the provider")
    if reader.optional("privateKeyFile") == nil {
      _ = reader.required("privateKeyFile", "name the PEM file of the key")
    }
    let privateKeyFile = reader.path("privateKeyFile")
    let keyID = reader.line("keyId", default: "", maximum: 1_024)
    let scopes = reader.line("scopes", default: "", maximum: 4_096)
    let caFile = reader.path("caFile")
    guard let provider, let clientID, let privateKeyFile, let keyID, let scopes,
      auth.report.errorCount == errorsBefore
    else { return nil }
    self.init(
      provider: provider, clientID: clientID.value, privateKeyFile: privateKeyFile, keyID: keyID.isEmpty ? nil : keyID,
      scopes: scopes, caFile: caFile)
  }

  private static func okta(_ okta: MappingReader) -> Provider? {
    let domain = okta.string("domain", "write the organisation's URL, for example `https://example.okta.com`")
      .flatMap { okta.checked($0, okta.name("domain"), by: FederationURL.check(like: FederationURL.okta)) }
    guard let domain, let server = okta.line("authorizationServerId", default: "", maximum: 253) else { return nil }
    return .okta(domain: domain, authorizationServer: server)
  }

  private static func pingIdentity(_ ping: MappingReader) -> Provider? {
    let region: Region? =
      ping.required("region", "write one of \(Suggestion.list(Region.allCases.map(\.rawValue)))") == nil
      ? nil : ping.choice("region", default: .com)
    guard let region, let environment = ping.string("environmentId", "write the environment's ID") else { return nil }
    return .pingIdentity(region: region.rawValue, environmentID: environment.value)
  }
}

extension MappingReader {
  /// The absolute path in `field`; nil when it is absent or was reported.
  fileprivate func path(_ field: String) -> String? {
    guard let entry = optional(field) else { return nil }
    guard let text = string(entry.value, name(field), emptyAdvice: "name the file, or remove the field"),
      isShort(text, field, 4_096)
    else { return nil }
    guard text.value.hasPrefix("/"), !text.value.utf8.contains(0) else {
      report.error(text.line, "\(name(field)) must be an absolute path")
      return nil
    }
    return text.value
  }
}
