/// `spec` of a generator of kind `VaultDynamicSecret`: what one of Vault's secrets engines makes on request.
public struct VaultDynamicSecretSpec: Sendable, Hashable {
  /// `method`.
  public enum Method: String, Sendable, Hashable, CaseIterable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
  }

  /// `resultType`: which part of Vault's answer is given.
  public enum ResultType: String, Sendable, Hashable, CaseIterable {
    /// The members of `data`.
    case data = "Data"
    /// The members of the whole answer.
    case raw = "Raw"
  }

  /// `provider`: the server.
  public var vault: VaultSpec
  /// `path`: below Vault's `v1/`, without slashes at its ends.
  public var path: String
  /// `method`, `GET` where there is none.
  public var method: Method
  /// `parameters` as a JSON object; nil for none.
  public var parameters: [UInt8]?
  /// `resultType`, `Data` where there is none.
  public var resultType: ResultType
  /// `allowEmptyResponse`: whether an answer without anything in it is good.
  public var allowsEmptyResponse: Bool

  /// Makes a spec without checking it.
  public init(
    vault: VaultSpec, path: String, method: Method = .get, parameters: [UInt8]? = nil, resultType: ResultType = .data,
    allowsEmptyResponse: Bool = false
  ) {
    self.vault = vault
    self.path = path
    self.method = method
    self.parameters = parameters
    self.resultType = resultType
    self.allowsEmptyResponse = allowsEmptyResponse
  }
}
