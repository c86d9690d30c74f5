import HTTPClient
import JSON

/// One thing that a watch tells.
public enum WatchEvent: Sendable, Equatable {
  /// The object is new to the watch.
  case added(KubernetesObject)
  /// It has changed.
  case modified(KubernetesObject)
  /// It is gone; this was its last state.
  case deleted(KubernetesObject)
  /// Nothing of what is watched has changed up to this version.
  case bookmark(resourceVersion: String)
}

/// The events of one watch request, in their order.
public struct WatchStream: Sendable {
  private let response: HTTPResponseStream
  private let operation: Operation
  private var lines = LineBuffer(maximumByteCount: 16 << 20)

  init(_ response: HTTPResponseStream, _ operation: Operation) {
    self.response = response
    self.operation = operation
  }

  /// The next event; nil when the server ended the watch, as it does after a while.
  ///
  /// Throws ``KubernetesError``: ``KubernetesError/Kind/expired`` means to list again, others may be followed by
  /// another watch from the last version seen.
  public mutating func next() async throws(KubernetesError) -> WatchEvent? {
    while true {
      while let line = try nextLine() {
        if let event = try event(line) { return event }
      }
      do throws(HTTPClientError) {
        guard let bytes = try await response.next() else { return nil }
        lines.append(bytes)
      } catch {
        throw KubernetesError(error, operation)
      }
    }
  }

  private mutating func nextLine() throws(KubernetesError) -> [UInt8]? {
    let line = lines.next()
    if line == nil, lines.isFull { throw malformed("an event is longer than \(lines.maximumByteCount) bytes") }
    return line
  }

  private func event(_ line: [UInt8]) throws(KubernetesError) -> WatchEvent? {
    if line.allSatisfy({ $0 <= 0x20 }) { return nil }
    let json: JSONValue
    do throws(JSONError) {
      json = try .parse(line, maximumDepth: objectDepth, maximumByteCount: lines.maximumByteCount)
    } catch {
      throw malformed("an event is \(error)")
    }
    guard let type = json["type"]?.string, let object = json["object"] else {
      throw malformed("an event has no object")
    }
    switch type {
    case "ADDED": return .added(KubernetesObject(object))
    case "MODIFIED": return .modified(KubernetesObject(object))
    case "DELETED": return .deleted(KubernetesObject(object))
    case "BOOKMARK": return .bookmark(resourceVersion: KubernetesObject(object).resourceVersion)
    case "ERROR":
      throw KubernetesError(status: Int(object["code"]?.integer ?? 500), answer: object, operation)
    default: return nil
    }
  }

  private func malformed(_ what: String) -> KubernetesError {
    KubernetesError(.malformed, "cannot \(operation.title): \(what)")
  }
}

extension KubernetesClient {
  /// Watches the objects of `type` from the state that `resourceVersion` names, which a list or an event gave.
  ///
  /// The server ends the watch after `timeoutSeconds` or before. Bookmarks come where the server sends them. A task
  /// that is cancelled, or lets go of the stream, closes it.
  public func watch(
    _ type: ResourceType, namespace: String? = nil, selector: ListSelector = ListSelector(), resourceVersion: String,
    timeoutSeconds: Int = 300
  ) async throws(KubernetesError) -> WatchStream {
    let operation = Operation(verb: "watch", type: type, namespace: namespace)
    let query =
      selector.query + [
        "watch=1", "allowWatchBookmarks=true", "resourceVersion=\(escaped(resourceVersion))",
        "timeoutSeconds=\(timeoutSeconds)",
      ]
    var request = try request(operation, "GET", query: query.joined(separator: "&"))
    // A watch of what never changes is silent to its end.
    request.timeoutSeconds = Double(timeoutSeconds) + 30
    let response: HTTPResponseStream
    let body: [UInt8]
    do throws(HTTPClientError) {
      response = try await http.stream(request)
      if response.status == 200 { return WatchStream(response, operation) }
      body = try await response.rest(maximumBytes: 1 << 20)
    } catch {
      throw KubernetesError(error, operation)
    }
    let retryAfter = response.headers.first { $0.name == "retry-after" }?.value
    throw KubernetesError(status: response.status, body: body, retryAfter: retryAfter, operation)
  }
}
