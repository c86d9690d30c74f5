/// Answers that need nothing but memory: the token was verified before, the grant is known, the value is here.
///
/// One instance serves the connections of one event loop and is touched by that loop's thread only, so nothing in it
/// is locked, and in steady state a call allocates nothing. It only ever answers what ``FederationService`` would
/// answer with success; for everything else, every doubt included, it answers nil and the service is asked.
public protocol ImmediateAnswers: AnyObject {
  /// What the connection of `peer`, its address and port, asks through. `binding` is where Authenticate binds an identity,
  /// nil on wires without.
  func session(binding: ConnectionIdentity?, peer: String) -> any ImmediateSession

  /// How many calls each store's values have answered from here, by the store's name.
  var answersByStore: [String: UInt64] { get }
}

extension ImmediateAnswers {
  /// Not counted.
  public var answersByStore: [String: UInt64] { [:] }
}

/// One connection's view of its loop's ``ImmediateAnswers``; remembers who called last.
public protocol ImmediateSession: AnyObject {
  /// The value of `name` in `store`, or nil when ``FederationService/getSecret(_:_:)`` has to be asked.
  ///
  /// `authorization` is the metadata or header as it came, empty when there was none; a call with an
  /// `x-workload-token` must not be asked here. `now` is when the loop's turn began.
  func secret(
    store: RawSpan, name: RawSpan, caCertificates: RawSpan, authorization: RawSpan, now: MonotonicTime
  ) -> SecretBytes?
}
