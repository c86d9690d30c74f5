import FederationAPI
import HTTPClient
import JSON

/// One service of AWS, asked as one identity.
struct AWSAccount: Sendable {
  let client: AWSClient
  let identity: AWSIdentity

  /// Carries `action` out; when AWS does not know the credentials any more, with new ones.
  func call(
    _ action: String, _ parameters: [JSONName: JSONValue], deadline: MonotonicTime
  ) async throws(BackendError) -> JSONValue {
    do throws(AWSFailure) {
      return try await answer(action, parameters, deadline)
    } catch {
      throw error.error
    }
  }

  /// Whether the service knows the credentials, by an `action` that reads `key`. That they may not read it, or that it is
  /// not there, says that it does.
  func check(
    _ action: String, _ parameters: [JSONName: JSONValue], key: String, deadline: MonotonicTime
  ) async throws(BackendError) -> BackendProof {
    let shown = "\(client.service.url) takes the credentials (\(action))"
    do throws(AWSFailure) {
      _ = try await answer(action, parameters, deadline)
    } catch .refused(let refusal) where refusal.isOfPermission {
      return .refused(shown, key: key)
    } catch {
      guard error.error == .notFound else { throw error.error }
    }
    return BackendProof(shown)
  }

  private func answer(
    _ action: String, _ parameters: [JSONName: JSONValue], _ deadline: MonotonicTime
  ) async throws(AWSFailure) -> JSONValue {
    do throws(AWSFailure) {
      return try await client.call(action, parameters, as: try await credentials(deadline), deadline: deadline)
    } catch .refused(let refusal) where refusal.isOfCredentials {
      await identity.discard()
    }
    return try await client.call(action, parameters, as: try await credentials(deadline), deadline: deadline)
  }

  /// The names in the pages of a list, of which each has the `items`, each with a `Name`, and `NextToken` but for the
  /// last; of those items alone that are meant.
  func names(
    _ action: String, _ parameters: [JSONName: JSONValue], items: JSONName, limit: Int, deadline: MonotonicTime,
    where isMeant: (JSONValue) -> Bool = { _ in true }
  ) async throws(BackendError) -> [String] {
    var (names, parameters) = ([String](), parameters)
    while true {
      let page = try await call(action, parameters, deadline: deadline)
      for item in page[items.text]?.array ?? [] where isMeant(item) {
        if let name = item["Name"]?.string { names.append(name) }
      }
      guard names.count <= limit, let next = page["NextToken"]?.string, !next.isEmpty else {
        return Array(names.prefix(limit + 1))
      }
      parameters["NextToken"] = .string(next)
    }
  }

  private func credentials(_ deadline: MonotonicTime) async throws(AWSFailure) -> AWSCredentials {
    do throws(BackendError) { return try await identity.credentials(deadline: deadline) } catch { throw .failed(error) }
  }
}
