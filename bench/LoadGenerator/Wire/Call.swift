/// One call that is under way.
struct Call {
  /// What is asked.
  enum Kind: UInt8 {
    /// The value of one key.
    case get
    /// Who the caller is.
    case authenticate
  }

  /// Whose token goes along.
  enum Credential {
    /// None: the connection is bound to an identity.
    case bound
    /// The token at this place in the list.
    case token(Int)
    /// The token at this place in the list of those never used before.
    case fresh(Int)
  }

  var kind = Kind.get
  var key = 0
  var credential = Credential.bound
  /// When it was to be sent, in nanoseconds: latency counts from here, even when it could not be sent in time.
  var intended: UInt64 = 0
}

/// What is wrong with an answer.
enum ReplyFault: Equatable {
  /// The server refused; its own code and words.
  case refused(code: Int, message: String)
  /// The answer is not what was asked for.
  case wrongContent
  /// The answer is not in the wire's form.
  case malformed
}

/// What stands next in a connection's bytes.
enum ReplyStep {
  /// The whole answer to a call.
  case reply(Call, fault: ReplyFault?)
  /// The bytes end before the next answer does.
  case incomplete
  /// Which call is answered cannot be known, nor where the next answer starts.
  case broken(String)
}

/// One connection's calls and answers as bytes.
protocol CallWire: AnyObject {
  /// Sends `call`; there are never more calls under way than the wire was made for.
  /// It may be kept back until ``flush(to:)``.
  func send(_ call: Call, to output: some RequestOutput)
  /// Sends what was kept back, and whatever else the wire has to say.
  func flush(to output: some RequestOutput)
  /// Reads the answer at `offset`, which moves behind it.
  func nextReply(in bytes: RawSpan, at offset: inout Int) -> ReplyStep
}

extension CallWire {
  /// Nothing: most wires send each call at once.
  func flush(to output: some RequestOutput) {}
}

/// Where requests go: a connection, or a test's array.
protocol RequestOutput: AnyObject {
  func write(_ bytes: [UInt8])
}
