import FederationAPI
import HTTPClient
import JSON
import Resources
import SecretStores

/// Google Secret Manager by REST. A version is a number or an alias, the newest where none is named.
struct GCPSecretManagerProvider: Provider {
  private let exchange: BackendExchange
  private let token: ExpiringCredential<SecretBytes>
  private let isPlaintext: Bool
  /// The URL of the project's secrets.
  private let secretsURL: String

  private static let maximumBodyBytes = 4 << 20

  init(_ spec: GCPStoreSpec, client: any HTTPSending, secrets: ProviderSecrets) {
    let exchange = BackendExchange(client: client)
    self.exchange = exchange
    let tokens = GCPTokens(exchange: exchange, secrets: secrets)
    token = ExpiringCredential(revision: { secrets.revision }) { deadline async throws(BackendError) in
      try await tokens.lease(spec, deadline: deadline)
    }
    isPlaintext = spec.endpoint?.isPlaintext ?? false
    let host = spec.location.map { "secretmanager.\($0).rep.googleapis.com" } ?? "secretmanager.googleapis.com"
    let location = spec.location.map { "/locations/\($0)" } ?? ""
    secretsURL = "\(spec.endpoint?.text ?? "https://\(host)")/v1/projects/\(spec.project)\(location)/secrets"
  }

  func fetch(
    _ key: ProviderKey, known: String?, deadline: MonotonicTime
  ) async throws(BackendError) -> FetchedSecret {
    if let refusal = refusal(of: key) { throw refusal }
    let version = key.version ?? "latest"
    let answer = try await get("/\(key.name)/versions/\(version):access", deadline)
    guard let encoded = answer["payload"]?["data"]?.string ?? (answer["payload"] == nil ? nil : ""),
      var bytes = Base64.decode(encoded.utf8)
    else { throw .dataLoss(reason: "Google's answer has no payload") }
    let number = answer["name"]?.string?.split(separator: "/").last.map(String.init)
    return .value(SecretBytes(wiping: &bytes), version: number)
  }

  func refusal(of key: ProviderKey) -> BackendError? {
    // Google has no other names, and another would lead to another path.
    guard Self.isName(key.name) else { return .notFound }
    return key.version.map(Self.isName) == false ? .invalid("has no version of that name") : nil
  }

  /// Labels.
  var hasTags: Bool { true }

  func list(_ filter: TagFilter, limit: Int, deadline: MonotonicTime) async throws(BackendError) -> [String] {
    var (names, page) = ([String](), "")
    // What is no label might mean another condition; the answer's own labels tell in any case.
    let conditions = filter.tags.filter { Self.isLabel($0.key) && Self.isLabel($0.value) }
      .map { "labels.\($0.key)=\($0.value)" }
    let condition = conditions.isEmpty ? "" : "&filter=\(Self.escaped(conditions.joined(separator: " AND ")))"
    repeat {
      let next = page.isEmpty ? "" : "&pageToken=\(Self.escaped(page))"
      let answer = try await get("?pageSize=250\(condition)\(next)", deadline)
      for secret in answer["secrets"]?.array ?? [] where filter.isMet(by: secret["labels"]?.object ?? [:]) {
        if let name = secret["name"]?.string?.split(separator: "/").last { names.append(String(name)) }
      }
      page = answer["nextPageToken"]?.string ?? ""
    } while !page.isEmpty && names.count <= limit
    return Array(names.prefix(limit + 1))
  }

  /// Whether Google takes the token. That it may not read the probe, Google answers also where there is no such project.
  func check(deadline: MonotonicTime) async throws(BackendError) -> BackendProof {
    let key = ProviderKey.probe.name
    let path = "/\(key)/versions/latest:access"
    let response = try await response(path, deadline)
    let shown = "Google takes the token, for \(secretsURL)"
    if response.status == 403 { return .refused(shown, key: key) }
    do throws(BackendError) { _ = try Self.answer(response) } catch .notFound {}
    return BackendProof(shown)
  }

  /// The answer to a GET.
  private func get(_ path: String, _ deadline: MonotonicTime) async throws(BackendError) -> JSONValue {
    try Self.answer(try await response(path, deadline))
  }

  /// What comes to a GET; when Google does not know the token any more, with another one.
  private func response(_ path: String, _ deadline: MonotonicTime) async throws(BackendError) -> HTTPResponse {
    let response = try await send(path, deadline)
    guard response.status == 401 else { return response }
    await token.discard()
    return try await send(path, deadline)
  }

  private static func answer(_ response: HTTPResponse) throws(BackendError) -> JSONValue {
    let answer = try? JSONValue.parse(response.body, maximumByteCount: maximumBodyBytes)
    if let failure = failure(response.status, answer?["error"]?["status"]?.string) { throw failure }
    guard let answer else { throw .dataLoss(reason: "Google's answer is no JSON text") }
    return answer
  }

  /// What a status means, with Google's own word for it; nil for an answer.
  static func failure(_ status: Int, _ word: String?) -> BackendError? {
    let reason = "Google answered with status \(status)"
    return switch (status, word) {
    case (200, _): nil
    // FAILED_PRECONDITION: the version was disabled or destroyed.
    case (404, _), (400, "FAILED_PRECONDITION"): .notFound
    case (400, _): .invalid("does not take this key or version")
    case (401, _), (403, _): .denied(reason: reason)
    case (408, _): .unavailable(reason: reason)
    // It was there, and refused in words of which nothing is known here.
    case (402...499, _): .misconfigured(reason: reason)
    default: .unavailable(reason: reason)
    }
  }

  private func send(_ path: String, _ deadline: MonotonicTime) async throws(BackendError) -> HTTPResponse {
    let token = try await token.value(deadline: deadline)
    return try await exchange.send(
      HTTPRequest(
        url: secretsURL + path,
        headers: [("Accept", "application/json"), ("Authorization", "Bearer \(token.text ?? "")")],
        maximumBodyBytes: Self.maximumBodyBytes, allowsPlaintext: isPlaintext), deadline: deadline)
  }

  private static func isName(_ text: String) -> Bool {
    (1...255).contains(text.utf8.count)
      && text.utf8.allSatisfy { PercentEncoding.isUnreserved($0) && $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "~") }
  }

  private static func isLabel(_ text: String) -> Bool {
    (1...63).contains(text.utf8.count)
      && text.utf8.allSatisfy { KubernetesName.isAlphanumeric($0) || "-_".utf8.contains($0) }
  }

  private static func escaped(_ text: String) -> String {
    String(decoding: PercentEncoding.encode(text.utf8, keeping: PercentEncoding.isUnreserved), as: UTF8.self)
  }
}
