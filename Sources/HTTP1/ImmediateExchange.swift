import FederationAPI

/// Answers requests that need nothing but memory; one instance serves the connections of one event loop, whose thread
/// alone touches it.
public protocol ImmediateResponder: AnyObject {
  /// What the connection of `peer`, its address and port, asks through; `identity` is the peer's where it has proved one.
  func exchange(peer: String, identity: ConnectionIdentity?) -> any ImmediateExchange

  /// What the requests that it answers ask for; nil where nothing is counted.
  var method: CallMethod? { get }

  /// What it answers from, if that counts for itself.
  var source: (any ImmediateAnswers)? { get }
}

extension ImmediateResponder {
  /// Counts nothing.
  public var method: CallMethod? { nil }

  /// Nothing that counts.
  public var source: (any ImmediateAnswers)? { nil }
}

/// One connection's requests that are answered from memory, all of them with 200.
public protocol ImmediateExchange: AnyObject {
  /// Finds the answer to a POST and returns the length of its body, or nil when
  /// ``HTTPResponder/respond(to:peer:)`` has to be asked: it knows every rule.
  ///
  /// `target` is a path without a query, escapes not decoded; `authorization` is empty when there is none; there is no
  /// `x-workload-token`. `now` is when the loop's turn began.
  func prepare(target: RawSpan, authorization: RawSpan, body: RawSpan, now: MonotonicTime) -> Int?

  /// The prepared answer's field lines with their CRLFs, without those that the connection adds.
  var fieldLines: [UInt8] { get }

  /// Writes the prepared answer's body to `room`, which is exactly as long, and lets go of it.
  func writeBody(to room: UnsafeMutableRawBufferPointer)
}
