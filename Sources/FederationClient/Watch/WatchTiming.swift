/// How a watch is kept, in seconds.
struct WatchTiming: Sendable {
  /// The pause before the first try of a new connection, doubled with each.
  var firstPause = 0.1
  /// The longest pause.
  var longestPause = 30.0
  /// What each pause is multiplied by at random: watchers that lost their server together do not come back together.
  var jitter = 0.5...1.5
  /// How long a stream has to last for the next pause to be the first again.
  var steady = 5.0
  /// How often the token's source is asked for a newer token.
  var tokenCheck = 10.0
  /// How long a server may be silent: servers send heartbeats, and a dead network tells nobody.
  var silence = 150.0
}
