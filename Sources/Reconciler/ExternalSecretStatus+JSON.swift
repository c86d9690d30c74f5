import FederationAPI
import JSON
import Resources

extension ExternalSecretStatus {
  /// The status as ESO has it: `refreshTime`, `syncedResourceVersion`, `conditions`, `binding`; beside them `issuers`,
  /// which is ours.
  var document: JSONValue {
    var members: [JSONName: JSONValue] = [:]
    if let refreshTime { members["refreshTime"] = .string(RFC3339.text(seconds: refreshTime)) }
    if let syncedResourceVersion { members["syncedResourceVersion"] = .string(syncedResourceVersion) }
    if let binding { members["binding"] = ["name": .string(binding)] }
    if let ready {
      members["conditions"] = [
        [
          "type": "Ready", "status": .string(ready.isTrue ? "True" : "False"), "reason": .string(ready.reason.rawValue),
          "message": .string(ready.message), "lastTransitionTime": .string(RFC3339.text(seconds: ready.since)),
        ]
      ]
    }
    if !issuers.isEmpty { members["issuers"] = .array(issuers.map(\.document)) }
    return .object(members)
  }

  /// Reads ``document``; nil for what is none. What is missing in it was not said.
  init?(_ document: JSONValue) {
    guard document.object != nil else { return nil }
    self.init()
    refreshTime = document["refreshTime"]?.string.flatMap(RFC3339.seconds)
    syncedResourceVersion = document["syncedResourceVersion"]?.string
    binding = document["binding"]?["name"]?.string
    for condition in document["conditions"]?.array ?? [] where condition["type"]?.string == "Ready" {
      guard let reason = condition["reason"]?.string.flatMap(ReadyCondition.Reason.init) else { continue }
      ready = ReadyCondition(
        reason, condition["message"]?.string ?? "",
        since: condition["lastTransitionTime"]?.string.flatMap(RFC3339.seconds) ?? 0)
    }
    issuers = (document["issuers"]?.array ?? []).compactMap { FederationGeneratorResource($0) }
  }
}

extension FederationGeneratorResource {
  /// What is needed to take back what it issued, when the generator itself may be gone: names, no secret.
  var document: JSONValue {
    var server: [JSONName: JSONValue] = [
      "url": .string(self.server.url), "transport": .string(self.server.transport.rawValue),
    ]
    switch self.server.certificates {
    case nil: break
    case .bundle(let pem): server["caBundle"] = .string(String(decoding: pem, as: UTF8.self))
    case .secret(let selector): server["caSecret"] = selector.document
    case .configMap(let selector): server["caConfigMap"] = selector.document
    }
    var members: [JSONName: JSONValue] = [
      "namespace": .string(namespace), "name": .string(name), "server": .object(server),
      "generator": [
        "namespace": .string(generator.namespace), "kind": .string(generator.kind), "name": .string(generator.name),
      ],
      "token": token.document,
    ]
    if let certificates { members["certificates"] = certificates.document }
    return .object(members)
  }

  /// Reads ``document``; nil for what is none.
  init?(_ document: JSONValue) {
    guard let namespace = document["namespace"]?.string, let name = document["name"]?.string,
      let url = document["server"]?["url"]?.string, let target = document["generator"],
      let targetNamespace = target["namespace"]?.string, let kind = target["kind"]?.string,
      let targetName = target["name"]?.string, let token = document["token"].flatMap(SecretKeySelector.init)
    else { return nil }
    let transport = document["server"]?["transport"]?.string.flatMap(FederationServerReference.Transport.init)
    var server = FederationServerReference(url: url, transport: transport ?? .auto)
    if let pem = document["server"]?["caBundle"]?.string { server.certificates = .bundle(Array(pem.utf8)) }
    if let selector = document["server"]?["caSecret"].flatMap(SecretKeySelector.init) {
      server.certificates = .secret(selector)
    }
    if let selector = document["server"]?["caConfigMap"].flatMap(SecretKeySelector.init) {
      server.certificates = .configMap(selector)
    }
    self.init(
      namespace: namespace, name: name, server: server,
      generator: GeneratorReference(namespace: targetNamespace, kind: kind, name: targetName), token: token,
      certificates: document["certificates"].flatMap(SecretKeySelector.init))
  }
}

extension SecretKeySelector {
  fileprivate var document: JSONValue {
    ["namespace": .string(namespace), "name": .string(name), "key": .string(key)]
  }

  fileprivate init?(_ document: JSONValue) {
    guard let namespace = document["namespace"]?.string, let name = document["name"]?.string,
      let key = document["key"]?.string
    else { return nil }
    self.init(namespace: namespace, name: name, key: key)
  }
}
