/// A complete response of any status, 3xx included.
public struct HTTPResponse: Sendable {
  /// The status code, for example 200.
  public var status: Int
  /// Header fields in the order they came, names in lower case. Trailer fields are left out.
  public var headers: [(name: String, value: String)]
  /// The body, at most ``HTTPRequest/maximumBodyBytes`` long.
  public var body: [UInt8]

  /// Makes a response.
  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The first value of the field `name`, which is given in lower case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name == name }?.value
  }
}
