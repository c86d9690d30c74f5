import ExternalSecrets
import FederationAPI
import FederationClient
import JSON
import RegularExpressions
import SecretStores

/// What an ExternalSecret asks for, from a server that resolves no ExternalSecrets: each key is fetched, and what ESO
/// makes of it is made here. Such a server lists no keys and knows no versions.
struct LegacyValues {
  let skipsMissing: Bool
  let store: String
  let client: any FederationCalling
  /// Told how many seconds past its time a value is.
  let noteStale: @Sendable (UInt32) -> Void

  /// Fetches all of `data` and the items of `dataFrom` in `range`.
  func values(_ spec: ExternalSecretSpec, _ range: Range<Int>) async throws(RPCError) -> [String: SecretBytes] {
    var wanted: [(remote: ExternalSecretSpec.RemoteReference, path: String)] = []
    for index in range {
      let path = "dataFrom[\(index)]"
      switch spec.dataFrom[index].source {
      case .extract(let remote): wanted.append((remote, path))
      case .find:
        throw RPCError(
          .failedPrecondition,
          "\(path).find: the server has no ResolveExternalSecret and lists no keys; name each in data")
      case .generator: break
      }
    }
    for (index, item) in spec.data.enumerated() { wanted.append((item.remote, "data[\(index)]")) }
    let read = try await read(wanted)
    var values: [String: SecretBytes] = [:]
    var effort = Effort(steps: RemoteValues.effort)
    for index in range {
      let item = spec.dataFrom[index]
      let path = "dataFrom[\(index)]"
      let source = read[path]
      switch item.source {
      case .extract(let remote):
        guard let source else { continue }
        values.merge(try item.values(read: [(remote.key, source)], path: path, &effort)) { $1 }
      case .generator(let namespace, let kind, let name):
        let issued: [String: SecretBytes]
        do throws(RPCError) {
          issued = try await client.generate(GeneratorReference(namespace: namespace, kind: kind, name: name))
        } catch {
          throw RPCError(error.code, "\(path): \(error.message)")
        }
        values.merge(try item.values(issued: issued, path: path, &effort)) { $1 }
      case .find: break
      }
    }
    for (index, item) in spec.data.enumerated() {
      let path = "data[\(index)]"
      guard let source = read[path] else { continue }
      values[item.secretKey] = try item.remote.treatment.applied(to: source, of: item.secretKey, path: path)
    }
    return values
  }

  /// The values by path; without those that are missing, where that is allowed.
  private func read(
    _ wanted: [(remote: ExternalSecretSpec.RemoteReference, path: String)]
  ) async throws(RPCError) -> [String: SecretBytes] {
    for (remote, path) in wanted where remote.version != nil {
      throw RPCError(.failedPrecondition, "\(path): the server has no ResolveExternalSecret and knows no versions")
    }
    let names = wanted.map { SecretName(store: store, key: $0.remote.key) }
    let results = await client.secrets(names) { [noteStale] in noteStale($1) }
    var read: [String: SecretBytes] = [:]
    for ((remote, path), result) in zip(wanted, results) {
      let reference = SecretReference(store: store, key: remote.key, property: remote.property)
      switch result.flatMap({ $0.property(of: reference) }) {
      case .success(let value): read[path] = value
      case .failure(let error) where skipsMissing && error.code == .notFound: continue
      case .failure(let error): throw RPCError(error.code, "\(path): \(error.message)")
      }
    }
    return read
  }
}
