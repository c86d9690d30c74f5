import FederationAPI
import JSON

/// Which objects of a type are meant.
public struct ListSelector: Sendable, Equatable {
  /// Label requirements, for example `app=web,tier!=cache`; empty for all.
  public var labels: String
  /// Field requirements, for example `metadata.name=web`; empty for all.
  public var fields: String

  /// Makes a selector, of all objects unless told otherwise.
  public init(labels: String = "", fields: String = "") {
    self.labels = labels
    self.fields = fields
  }

  /// The one object of that name.
  public static func name(_ name: String) -> ListSelector { ListSelector(fields: "metadata.name=\(name)") }

  var query: [String] {
    (labels.isEmpty ? [] : ["labelSelector=\(escaped(labels))"])
      + (fields.isEmpty ? [] : ["fieldSelector=\(escaped(fields))"])
  }
}

/// A page of a list.
public struct ObjectPage: Sendable {
  /// The objects; `apiVersion` and `kind` are filled in.
  public var objects: [KubernetesObject]
  /// The version of the whole list, from which a watch may follow.
  public var resourceVersion: String
  /// What asks for the next page, nil on the last.
  public var continuation: String?
}

extension KubernetesClient {
  /// One page of the objects of `type`, in all namespaces unless one is named. `limit` is the most objects on it.
  ///
  /// ``KubernetesError/Kind/expired`` tells that `continuation` is too old, and the list has to begin anew.
  public func page(
    of type: ResourceType, namespace: String? = nil, selector: ListSelector = ListSelector(), limit: Int = 250,
    continuation: String? = nil, deadline: MonotonicTime? = nil
  ) async throws(KubernetesError) -> ObjectPage {
    let operation = Operation(verb: "list", type: type, namespace: namespace)
    var query = selector.query + ["limit=\(limit)"]
    if let continuation { query.append("continue=\(escaped(continuation))") }
    let answer = try await send(operation, "GET", query: query.joined(separator: "&"), deadline: deadline)
    let metadata = answer["metadata"]
    guard let items = answer["items"]?.array ?? (answer["items"] == .null ? [] : nil),
      let version = metadata?["resourceVersion"]?.string
    else {
      throw KubernetesError(.malformed, "cannot \(operation.title): the answer is no list")
    }
    let next = metadata?["continue"]?.string
    return ObjectPage(
      objects: items.map { item in
        var object = KubernetesObject(item)
        object["apiVersion"] = .string(type.apiVersion)
        object["kind"] = .string(type.kind)
        return object
      },
      resourceVersion: version, continuation: next?.isEmpty == false ? next : nil)
  }

  /// Gives every page of a list to `receive`, and returns the list's version. Pages that are too large to take are
  /// asked for again in smaller ones.
  ///
  /// When a page's continuation has expired, the list begins anew, and `receive` sees objects again.
  public func list(
    _ type: ResourceType, namespace: String? = nil, selector: ListSelector = ListSelector(),
    _ receive: ([KubernetesObject]) async -> Void
  ) async throws(KubernetesError) -> String {
    var (limit, continuation, restarts) = (250, String?.none, 0)
    while true {
      do throws(KubernetesError) {
        let page = try await page(
          of: type, namespace: namespace, selector: selector, limit: limit, continuation: continuation)
        await receive(page.objects)
        guard let next = page.continuation else { return page.resourceVersion }
        continuation = next
      } catch {
        switch error.kind {
        case .tooLarge where limit > 1: limit = max(1, limit / 8)
        case .expired where continuation != nil && restarts < 5: (continuation, restarts) = (nil, restarts + 1)
        default: throw error
        }
      }
    }
  }

  /// The first of several versions of a kind that the API serves; nil when it serves none of them yet.
  public func firstServed(
    of versions: [ResourceType], namespace: String? = nil
  ) async throws(KubernetesError) -> ResourceType? {
    for type in versions {
      do throws(KubernetesError) {
        _ = try await page(of: type, namespace: namespace, limit: 1)
        return type
      } catch {
        guard error.kind == .notFound else { throw error }
      }
    }
    return nil
  }
}
