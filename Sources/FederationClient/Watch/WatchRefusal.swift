import FederationAPI

/// What to do about a watch that has ended with an error: ask from time to time, and watch again in a while.
public enum WatchRefusal {
  /// How long to wait before the next watch: `seconds`, a quarter more or less, and ten times as long where there are no
  /// watches at all. The server may have been replaced, or a grant made.
  public static func pause(after error: RPCError, seconds: Double = 60) -> Duration {
    .seconds(seconds * (error.code == .unimplemented ? 10 : 1) * .random(in: 0.75...1.25))
  }
}
