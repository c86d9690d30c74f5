/// What a gRPC call allows.
public struct GRPCLimits: Sendable {
  /// One message, both ways, after decompression.
  public var messageBytes = 4_194_304
  /// Messages of one streaming call that came and were not answered yet are bounded by the stream's window; this bounds
  /// how long such a call may go without a message.
  public var streamIdleSeconds = 3_600.0

  /// The defaults.
  public init() {}
}
