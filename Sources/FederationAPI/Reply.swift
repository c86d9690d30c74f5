/// An answer that is there now, or work that must wait for something outside.
public enum Reply<Value: Sendable>: Sendable {
  /// Known at once; the wire sends it without leaving its event loop.
  case ready(Result<Value, RPCError>)
  /// To be awaited off the loop. The task is cancelled when the caller goes away or its deadline passes.
  case pending(@Sendable () async -> Result<Value, RPCError>)

  /// The answer, waited for where it has to be.
  public func result() async -> Result<Value, RPCError> {
    switch self {
    case .ready(let result): result
    case .pending(let work): await work()
    }
  }

  /// Goes on with `next` when this succeeds. Stays on the caller's thread as long as answers are ready.
  public func then<Next: Sendable>(_ next: @escaping @Sendable (Value) -> Reply<Next>) -> Reply<Next> {
    switch self {
    case .ready(.success(let value)): return next(value)
    case .ready(.failure(let error)): return .ready(.failure(error))
    case .pending(let work):
      return .pending {
        switch await work() {
        case .success(let value): await next(value).result()
        case .failure(let error): .failure(error)
        }
      }
    }
  }
}
