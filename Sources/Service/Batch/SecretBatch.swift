import FederationAPI

/// The references of one BatchGetSecrets, on the way to their results.
struct SecretBatch: Sendable {
  private let reading: StoreReading
  private let references: [SecretReference]
  private let reads: PlannedReads
  private let room: ByteRoom

  /// Looks up what may be read, which then takes of `room`.
  init(_ references: [SecretReference], _ reading: StoreReading, _ room: ByteRoom) {
    self.reading = reading
    self.room = room
    self.references = references
    reads = PlannedReads(references, reading)
  }

  /// Reads and gives the results in the request's order; fails only when the task is cancelled. What is not handed out is
  /// not noted as read.
  func results() async -> Result<[Result<SecretBytes, RPCError>], RPCError> {
    // Whatever starts later stands behind what was read, so that past the limit its value would not be in the answer.
    let share = room.share(of: reading.caller.identity)
    defer { share.giveBack() }
    let outcomes = await reads.outcomes(
      maximumBytes: BatchAnswer.maximumBytes, unread: BatchAnswer.full, share: share)
    guard !Task.isCancelled else { return .failure(RPCError(.cancelled, "the call was given up")) }
    var answer = BatchAnswer(count: references.count)
    for (index, outcome) in outcomes.enumerated() {
      guard answer.append(BatchAnswer.bounded(outcome.result)) else { continue }
      if let seconds = outcome.staleSeconds { reading.freshness?.noteStale(seconds: seconds, at: index) }
      switch reads.plan(index) {
      case .read(let granted):
        if case .success = answer.results[index] { reading.journalRead(references[index], granted.federations) }
      case .refused(let error):
        if error.code == .permissionDenied { reading.journalDenied(references[index]) }
      }
    }
    return .success(answer.results)
  }
}
