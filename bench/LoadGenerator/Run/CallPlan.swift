/// What the next call of a run is. The same seed plans the same calls.
struct CallPlan {
  private let options: RunOptions
  private let tokenCount: Int
  private let freshCount: Int
  private let chooser: KeyChooser
  private var random: RandomNumbers
  private var authenticate: Share
  private var newToken: Share
  private var newConnection: Share
  /// Tokens of the list of fresh ones that were given out.
  private(set) var freshUsed = 0

  /// Every so many of a row, spread evenly.
  private struct Share {
    let percent: Double
    private var due = 0.0
    init(percent: Double) { self.percent = percent }

    mutating func next() -> Bool {
      guard percent > 0 else { return false }
      due += percent
      guard due >= 100 else { return false }
      due -= 100
      return true
    }
  }

  init(_ options: RunOptions, tokenCount: Int, freshCount: Int) {
    self.options = options
    self.tokenCount = tokenCount
    self.freshCount = freshCount
    chooser = KeyChooser(count: options.keys, distribution: options.distribution)
    random = RandomNumbers(seed: options.seed)
    authenticate = Share(percent: options.authenticatePercent)
    newToken = Share(percent: options.newTokenPercent)
    newConnection = Share(percent: options.newConnectionPercent)
  }

  /// The next call on the connection numbered `connection`; nil when the fresh tokens have run out.
  mutating func next(connection: Int, intended: UInt64) -> Call? {
    var call = Call(intended: intended)
    if authenticate.next() { call.kind = .authenticate } else { call.key = chooser.next(&random) }
    guard options.identity == .token else { return call }
    if call.kind == .get, newToken.next() {
      guard freshUsed < freshCount else { return nil }
      call.credential = .fresh(freshUsed)
      freshUsed += 1
    } else {
      call.credential = .token(options.tokenChoice == .all ? random.below(tokenCount) : connection % tokenCount)
    }
    return call
  }

  /// Whether the call just planned goes over a connection of its own.
  mutating func takesNewConnection() -> Bool { newConnection.next() }

  /// The call that binds the identity of the connection numbered `connection`.
  func binding(connection: Int) -> Call {
    Call(kind: .authenticate, credential: .token(connection % tokenCount))
  }
}
