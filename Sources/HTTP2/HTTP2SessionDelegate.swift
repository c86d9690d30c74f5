/// What a session tells while it reads and writes. Nothing here may send: that waits until the call into the session
/// has returned.
package protocol HTTP2SessionDelegate: AnyObject {
  /// What becomes of the rest of a header block.
  typealias Verdict = HTTP2Session.Verdict

  /// A frame begins: its head is here, and nothing else was looked at.
  func frameBegan(_ kind: FrameKind, _ streamID: Int32, length: Int) -> Verdict
  /// A header block begins. False refuses the stream.
  func headersBegan(_ streamID: Int32) -> Bool
  /// One decoded field.
  func field(_ streamID: Int32, name: RawSpan, value: RawSpan) -> Verdict
  /// Part of a stream's body.
  func data(_ streamID: Int32, _ bytes: RawSpan)
  /// A whole frame came; for HEADERS, with all of its block.
  func received(_ frame: SessionFrame)
  /// A whole frame was handed out to be sent.
  func sent(_ frame: SessionFrame)
  /// The stream is over on both sides.
  func streamClosed(_ streamID: Int32, _ code: HTTP2ErrorCode)
  /// How much of a stream's body can be sent now, at most `room`.
  func bodyToSend(_ streamID: Int32, room: Int) -> HTTP2Session.BodyPart
  /// Sends a DATA frame: `head` and then `count` bytes of the stream's body. False when there is no room.
  func sendBody(_ streamID: Int32, head: RawSpan, count: Int) -> Bool
}

extension HTTP2SessionDelegate {
  /// The next, whatever it is: a client's peer is a server of its choice.
  package func frameBegan(_ kind: FrameKind, _ streamID: Int32, length: Int) -> Verdict { .next }
}
