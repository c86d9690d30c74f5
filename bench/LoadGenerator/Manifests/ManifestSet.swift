import FoundationEssentials

/// Manifests for a server under load: one federation, Authorizations for the issuer's subjects, and stores with the
/// values of ``ValueRule``.
package struct ManifestSet {
  /// The namespace of the service accounts: their names are `app-0`, `app-1` …
  package static let namespace = "bench"
  /// The audience of the tokens.
  package static let audience = "ese-federation"
  /// A file that the server reads is 128 MiB at most.
  private static let maximumFile = 128 << 20
  /// From this size on a file is ended and another one begun.
  private static let usualFile = 4 << 20

  private let options: ManifestOptions

  /// Writes what `options` ask for.
  package init(_ options: ManifestOptions) { self.options = options }

  /// Writes the files. Throws when one cannot be written, or would be one that the server does not read.
  package func write() throws(BenchError) {
    try ByteFile.makeDirectory(options.directory)
    try write(try federation(), to: "federation.yaml")
    for index in 0..<storeCount { try write(try store(index), to: "store-\(index).yaml") }
    guard let files = options.oneManifestPerFile else { return try writeAuthorizations() }
    guard files >= 1 + storeCount + 1 else {
      throw BenchError("\(files) files are too few for the federation, \(storeCount) stores and an Authorization")
    }
    for number in 0..<files - 1 - storeCount {
      let text = number % 2 == 0 ? authorization(number / 2) : smallStore(number / 2)
      try write(Array(text.utf8), to: "manifest-\(number).yaml")
    }
  }

  private func write(_ bytes: [UInt8], to name: String) throws(BenchError) {
    guard bytes.count <= Self.maximumFile else {
      throw BenchError(
        "\(name) would be larger than \(Self.maximumFile >> 20) MiB, which is what the server reads at most: "
          + "spread the secrets with --keys-per-store")
    }
    try ByteFile.write(bytes, to: options.directory + "/" + name)
  }

  private func writeAuthorizations() throws(BenchError) {
    var text: [UInt8] = []
    var files = 0
    for number in 0..<options.authorizations {
      text += authorization(number).utf8
      guard text.count >= Self.usualFile || number == options.authorizations - 1 else { continue }
      try write(text, to: "authorizations-\(files).yaml")
      files += 1
      text.removeAll(keepingCapacity: true)
    }
  }

  private var storeCount: Int {
    options.keysPerStore.map { (options.secrets + $0 - 1) / $0 } ?? 1
  }

  /// With its CA, so that callers need not send one.
  private func federation() throws(BenchError) -> [UInt8] {
    let bundle = Data(try ByteFile.read(options.caFile)).base64EncodedString()
    return Array(
      """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: KubernetesFederation
      metadata: {name: bench}
      spec:
        url: "\(options.issuerURL)"
        audiences: [\(Self.audience)]
        caBundle: \(bundle)

      """.utf8)
  }

  private func authorization(_ number: Int) -> String {
    let stores = (0..<storeCount).map { StoreNames.name(options.store, $0) }.joined(separator: ", ")
    return """
      ---
      apiVersion: federation.external-secrets.io/v1alpha1
      kind: Authorization
      metadata: {name: app-\(number)}
      spec:
        federationRef: {kind: KubernetesFederation, name: bench}
        subject: {oidc: {issuer: "\(options.issuer)", subject: "system:serviceaccount:\(Self.namespace):app-\(number)"}}
        allowedClusterSecretStores: [\(stores)]

      """
  }

  private func store(_ index: Int) throws(BenchError) -> [UInt8] {
    let first = index * (options.keysPerStore ?? 0)
    let last = min(options.secrets, options.keysPerStore.map { first + $0 } ?? options.secrets)
    var text = storeHead(StoreNames.name(options.store, index))
    for key in first..<last {
      text += "      - {key: key-\(key), value: ".utf8
      text += options.values.value(of: key)
      text += "}\n".utf8
      // It is refused anyway, and the rest would only take memory.
      if text.count > Self.maximumFile { break }
    }
    return text
  }

  private func smallStore(_ number: Int) -> String {
    String(decoding: storeHead("\(options.store)-file-\(number)"), as: UTF8.self)
      + "      - {key: key-0, value: \"\(String(decoding: ValueRule(size: 64).value(of: 0), as: UTF8.self))\"}\n"
  }

  private func storeHead(_ name: String) -> [UInt8] {
    Array(
      """
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: \(name)}
      spec:
        provider:
          fake:
            data:

      """.utf8)
  }
}
