/// A client of one RPC wire: unary calls by full service name and bare method name, messages encoded.
public protocol RPCCalling: Sendable {
  /// Makes one call and returns the encoded response. Metadata keys are lower-case.
  ///
  /// The timeout is sent, and kept by the client as well. Throws what the server answers; UNAVAILABLE when the connection
  /// is lost, with a text that says whether the call may have been carried out.
  func call(
    service: String, method: String, payload: [UInt8], metadata: [(key: String, value: String)],
    timeoutNanoseconds: Int64?
  ) async throws(RPCError) -> [UInt8]

  /// The same for what must not be carried out twice: the failure says how far the call came.
  func attempt(
    service: String, method: String, payload: [UInt8], metadata: [(key: String, value: String)],
    timeoutNanoseconds: Int64?
  ) async throws(CallFailure) -> [UInt8]

  /// Ends the connection; calls that run fail with UNAVAILABLE.
  func close()
}
