import FederationAPI
import HTTPClient
import JSON
import Logging

/// Speaks the Kubernetes API: objects as JSON, faults as ``KubernetesError``.
///
/// Every function throws ``KubernetesError``. A request that the server refused for now (429, 503 with `Retry-After`)
/// is sent again, three times in all; every other failure is the caller's to judge.
public final class KubernetesClient: Sendable {
  /// Where and as whom.
  public let configuration: KubernetesConfiguration
  let http: any HTTPSending

  /// The most bytes of one answer.
  static let maximumAnswerBytes = 64 << 20
  private static let attempts = 3
  private static let longestRetryPause = 10.0

  /// Makes a client. `http` may be shared.
  public init(_ configuration: KubernetesConfiguration, http: any HTTPSending) {
    self.configuration = configuration
    self.http = http
  }

  /// The object of that name. `namespace` is heeded for types that stand in namespaces. Nothing goes on past `deadline`.
  public func get(
    _ type: ResourceType, namespace: String? = nil, name: String, deadline: MonotonicTime? = nil
  ) async throws(KubernetesError) -> KubernetesObject {
    let operation = Operation(verb: "get", type: type, namespace: namespace, name: name)
    return KubernetesObject(try await send(operation, "GET", deadline: deadline))
  }

  /// Creates `object`, in the namespace that its metadata names, and returns it as the server keeps it.
  public func create(
    _ object: KubernetesObject, of type: ResourceType
  ) async throws(KubernetesError) -> KubernetesObject {
    let operation = Operation(verb: "create", type: type, namespace: object.namespace)
    return KubernetesObject(try await send(operation, "POST", body: object.json))
  }

  /// Replaces an object whole. With a `resourceVersion` in its metadata it must not have changed since:
  /// ``KubernetesError/Kind/conflict`` otherwise.
  public func replace(
    _ object: KubernetesObject, of type: ResourceType, subresource: String? = nil
  ) async throws(KubernetesError) -> KubernetesObject {
    let operation = Operation(
      verb: "update", type: type, namespace: object.namespace, name: object.name, subresource: subresource)
    return KubernetesObject(try await send(operation, "PUT", body: object.json))
  }

  /// Replaces an object's `status` alone.
  public func replaceStatus(
    _ object: KubernetesObject, of type: ResourceType
  ) async throws(KubernetesError) -> KubernetesObject {
    try await replace(object, of: type, subresource: "status")
  }

  /// Changes the members that `mergePatch` names (RFC 7396); a `metadata.resourceVersion` in it is a condition.
  /// `manager` is noted as who has set them.
  public func patch(
    _ type: ResourceType, namespace: String? = nil, name: String, mergePatch: JSONValue, subresource: String? = nil,
    manager: String? = nil
  ) async throws(KubernetesError) -> KubernetesObject {
    let operation = Operation(
      verb: "patch", type: type, namespace: namespace, name: name, subresource: subresource)
    let answer = try await send(
      operation, "PATCH", query: manager.map { "fieldManager=\(escaped($0))" } ?? "", body: mergePatch,
      contentType: "application/merge-patch+json")
    return KubernetesObject(answer)
  }

  /// Deletes an object; with a `uid` only if it is that one, else ``KubernetesError/Kind/conflict``. Finalizers may
  /// keep it for a while.
  public func delete(
    _ type: ResourceType, namespace: String? = nil, name: String, uid: String? = nil, resourceVersion: String? = nil
  ) async throws(KubernetesError) {
    let operation = Operation(verb: "delete", type: type, namespace: namespace, name: name)
    var preconditions: [JSONName: JSONValue] = [:]
    if let uid { preconditions["uid"] = .string(uid) }
    if let resourceVersion { preconditions["resourceVersion"] = .string(resourceVersion) }
    var options: [JSONName: JSONValue] = [
      "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
    ]
    if !preconditions.isEmpty { options["preconditions"] = .object(preconditions) }
    _ = try await send(operation, "DELETE", body: .object(options))
  }

  /// Sends one request and reads its answer.
  func send(
    _ operation: Operation, _ method: String, query: String = "", body: JSONValue? = nil,
    contentType: String = "application/json", deadline: MonotonicTime? = nil
  ) async throws(KubernetesError) -> JSONValue {
    var attempt = 1
    while true {
      var request = try request(operation, method, query: query, body: body, contentType: contentType)
      if let deadline {
        let seconds = Double(MonotonicTime.now.nanoseconds(until: deadline)) / 1e9
        guard seconds > 0 else { throw KubernetesError(.unreachable, "cannot \(operation.title): its time is over") }
        request.timeoutSeconds = min(request.timeoutSeconds, seconds)
      }
      let response: HTTPResponse
      do throws(HTTPClientError) {
        response = try await http.send(request)
      } catch {
        throw KubernetesError(error, operation)
      }
      if (200..<300).contains(response.status) { return try parsed(response.body, operation) }
      let error = KubernetesError(
        status: response.status, body: response.body, retryAfter: response.header("retry-after"), operation)
      guard attempt < Self.attempts, let pause = error.retryAfterSeconds, error.kind == .unavailable,
        pause <= Self.longestRetryPause, Self.mayWait(pause * 1.2, until: deadline)
      else { throw error }
      attempt += 1
      try await sleep(seconds: pause * Double.random(in: 1...1.2), operation)
    }
  }

  /// A request with the credentials as they are now.
  func request(
    _ operation: Operation, _ method: String, query: String = "", body: JSONValue? = nil,
    contentType: String = "application/json"
  ) throws(KubernetesError) -> HTTPRequest {
    var headers = [(name: "Accept", value: "application/json")]
    do throws(ConfigurationFault) {
      if let authorization = try configuration.authorization() { headers.append(("Authorization", authorization)) }
    } catch {
      throw KubernetesError(.misconfigured, "cannot \(operation.title): \(error)")
    }
    if body != nil { headers.append(("Content-Type", contentType)) }
    return HTTPRequest(
      method: method, url: configuration.server + operation.path + (query.isEmpty ? "" : "?\(query)"),
      headers: headers, body: body?.encoded(), caCertificates: configuration.caCertificates,
      clientCertificate: configuration.clientCertificate, timeoutSeconds: 30,
      maximumBodyBytes: Self.maximumAnswerBytes)
  }

  private static func mayWait(_ seconds: Double, until deadline: MonotonicTime?) -> Bool {
    deadline.map { MonotonicTime.now.advanced(bySeconds: seconds) < $0 } ?? true
  }

  private func parsed(_ body: [UInt8], _ operation: Operation) throws(KubernetesError) -> JSONValue {
    do throws(JSONError) {
      return try .parse(body, maximumDepth: objectDepth, maximumByteCount: Self.maximumAnswerBytes)
    } catch {
      throw KubernetesError(.malformed, "cannot \(operation.title): the answer is \(error)")
    }
  }

  private func sleep(seconds: Double, _ operation: Operation) async throws(KubernetesError) {
    do { try await Task.sleep(for: .seconds(seconds)) } catch {
      throw KubernetesError(.cancelled, "cannot \(operation.title): the request was cancelled")
    }
  }
}

/// How deep the API's objects may be nested: schemas within CustomResourceDefinitions are the deepest.
let objectDepth = 200
