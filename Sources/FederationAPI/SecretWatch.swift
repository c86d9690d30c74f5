/// One WatchSecrets call, as its wire sees it.
///
/// Confined to the event loop of the call's connection; only the `wake` that it was made with is called from other threads.
/// The wire asks for events while it has room for them, so that a caller who reads slowly skips values instead of having
/// them queued.
public protocol SecretWatch: AnyObject {
  /// A message of the caller. Throwing ends the call.
  func received(_ request: WatchSecretsRequest) throws(RPCError)

  /// The caller sends no more. Throwing ends the call.
  func inputEnded() throws(RPCError)

  /// What is to be sent now. After ``WatchStep/wait`` nothing is asked before `wake` was called, and after
  /// ``WatchStep/end(_:)`` nothing any more.
  func next() -> WatchStep

  /// The server is stopping.
  func drain()

  /// The call is over, whoever ended it. The last call that a watch gets.
  func close()
}

/// What a watch has for its wire.
public enum WatchStep: Sendable, Equatable {
  /// To be sent.
  case event(WatchSecretsEvent)
  /// Nothing yet.
  case wait
  /// The call ends so.
  case end(RPCError)
}
