import FederationAPI

extension FederationHandlers {
  /// Begins a watch; its first message says of what.
  public func watchSecrets(_ call: CallContext, wake: @escaping @Sendable () -> Void) -> (any SecretWatch)? {
    HubWatch(self, call, wake: wake)
  }

  /// Looks after watches until the task is cancelled: without it they get no heartbeat, see no change of a store but by
  /// ``replace(_:)``, and do not end with their tokens.
  public func runWatches() async { await hub.run() }
}
