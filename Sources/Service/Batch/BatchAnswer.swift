import FederationAPI

/// The answer to one batch as it fills: results in order, within the message limit whatever is in them.
struct BatchAnswer {
  /// What all results may take, encoded. The rest of the message limit is for the wire's envelope.
  static let maximumBytes = Limits.message - 1_024

  /// What every result after a full answer is.
  static let full = RPCError(.resourceExhausted, "the answer is full: ask for the rest in another call")

  /// Tags, lengths and a code, more than they can take.
  private static let itemBytes = 24
  private static let fullBytes = itemBytes + full.message.utf8.count

  /// So far.
  private(set) var results: [Result<SecretBytes, RPCError>] = []
  private var room: Int
  private var isFull = false

  /// Makes an empty answer that is to have `count` results, for each of which there is room to say that it is full.
  init(count: Int) {
    room = Self.maximumBytes - count * Self.fullBytes
    results.reserveCapacity(count)
  }

  /// Appends `result`, or ``full`` from the first one on that has no room. Gives whether it was appended itself.
  mutating func append(_ result: Result<SecretBytes, RPCError>) -> Bool {
    let extra = Self.size(result) - Self.fullBytes
    if extra > room { isFull = true }
    guard !isFull else {
      results.append(.failure(Self.full))
      return false
    }
    room -= extra
    results.append(result)
    return true
  }

  /// `outcome`, unless no full batch could hold its value: to be told to ask for it in another one would not help.
  static func bounded(_ outcome: Result<SecretBytes, RPCError>) -> Result<SecretBytes, RPCError> {
    guard case .success(let value) = outcome, value.count > maximumBytes - Limits.batchedSecrets * fullBytes else {
      return outcome
    }
    return .failure(
      RPCError(.resourceExhausted, "a value of \(value.count) bytes is too large for a batch: ask for it alone"))
  }

  private static func size(_ result: Result<SecretBytes, RPCError>) -> Int {
    switch result {
    case .success(let value): itemBytes + value.count
    case .failure(let error): itemBytes + error.message.utf8.count
    }
  }
}
