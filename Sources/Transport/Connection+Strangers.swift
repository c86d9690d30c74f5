import FederationAPI

/// What a connection may cost whose peer has not proved who it is.
extension Connection {
  /// The peer has proved who it is: from now on this connection is not the first to go when there is no room.
  public func notePeerProved() {
    guard !isPeerProved else { return }
    isPeerProved = true
    leaveStrangerRoom()
  }

  /// How long the connection may be idle: `known`, and of a peer that has not proved who it is no more than `stranger`.
  public func idleSeconds(known: Double, stranger: Double) -> Double { isPeerProved ? known : min(known, stranger) }

  /// Whether a handler may keep `count` more bytes of a request that is not whole yet, until ``release(_:)``. Of a peer that
  /// has proved who it is always; of all others together, and of one address, within ``ListenerLimits/strangerBytes`` and
  /// ``ListenerLimits/strangerBytesPerAddress``. Past these another connection is cut off that holds more than this one
  /// would, and when there is none this one gets no more.
  public func mayKeep(_ count: Int) -> Bool {
    guard !isPeerProved, count > 0, case .server(let place, _) = role else { return true }
    while true {
      let verdict = place.admission.strangers.take(count, of: place.network)
      guard verdict != .taken else {
        strangerBytes += count
        return true
      }
      let greediest = loop.greediestStranger(in: place, ofNetworkOnly: verdict == .addressIsFull)
      guard let greediest, greediest.strangerBytes > strangerBytes + count else { return false }
      greediest.abort(.strangersHoldTooMuch)
    }
  }

  /// `count` bytes that ``mayKeep(_:)`` allowed are not kept any more.
  public func release(_ count: Int) {
    let count = min(count, strangerBytes - strangerInput)
    guard count > 0, case .server(let place, _) = role else { return }
    place.admission.strangers.giveBack(count, of: place.network)
    strangerBytes -= count
  }

  /// Counts what the handler has left of the input, and ends the connection when that is too much.
  func countInput() {
    guard !isPeerProved, input.count != strangerInput else { return }
    let more = input.count - strangerInput
    if more < 0 {
      strangerInput = input.count
      release(-more)
    } else if mayKeep(more) {
      strangerInput += more
    } else {
      abort(.strangersHoldTooMuch)
    }
  }

  /// Nothing is held any more, or nothing that counts.
  func leaveStrangerRoom() {
    guard strangerBytes > 0, case .server(let place, _) = role else { return }
    place.admission.strangers.giveBack(strangerBytes, of: place.network)
    strangerBytes = 0
    strangerInput = 0
  }
}

extension CloseReason {
  /// Peers that have not proved who they are hold as much as they may.
  public static let strangersHoldTooMuch = CloseReason.limit("memory for unfinished requests of unknown callers")
}
