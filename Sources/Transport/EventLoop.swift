import CLinux
import FederationAPI
import Logging

/// One epoll loop on one thread, with its own listeners, connections and timers: nothing here needs a lock.
final class EventLoop {
  private enum Token {
    static let mailbox = UInt64.max
    static let firstListener = UInt64.max - 1_000
  }

  /// What the blocks hold that connections borrow, one after another, for what they read and write in one turn.
  static let blockBytes = 64 * 1024

  /// Connections whose small output may wait for each other.
  private static let roundCount = 16

  let mailbox: Mailbox
  let log: Log
  /// When this turn began.
  private(set) var now = MonotonicTime.now
  var timers = TimerQueue()
  /// Bytes of input that handlers have not consumed yet, over all connections.
  var inputBytes = 0
  private(set) var isDraining = false
  /// What is counted of connections.
  var counts = LoopCounts()
  /// Whether another connection's turn follows in this round, so that small output may wait for it.
  private(set) var hasMoreEvents = false
  private let epoll: Int32
  private var connections: [Connection?] = []
  private var generations: [UInt32] = []
  private var freeSlots: [UInt32] = []
  private(set) var openCount = 0
  private var ebb = MemoryEbb()
  private var dirty: [Connection] = []
  private var ready: [Connection] = []
  /// Connections whose handshakes can go on. One step costs as much as tens of calls, and whoever makes it has proved
  /// nothing yet: the loop takes one a turn, after all that open connections have to say.
  private var handshakes = WaitingLine<SlotID>()
  /// Empty outside ``settle()``, which swaps them with the two above instead of making new ones each turn.
  private var flushing: [Connection] = []
  private var continuing: [Connection] = []
  private var listeners: [Listener] = []
  private var inputBlock = ByteBuffer(capacity: EventLoop.blockBytes)
  private var outputBlock = ByteBuffer(capacity: EventLoop.blockBytes)
  private var warm = WarmSessions()
  private var states: [ObjectIdentifier: (owner: AnyObject, state: AnyObject)] = [:]

  init(mailbox: Mailbox, log: Log) throws(TransportError) {
    self.mailbox = mailbox
    self.log = log
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw .system("epoll_create1") }
    try watch(mailbox.descriptor, EPOLLIN.rawValue, Token.mailbox)
  }

  deinit { close(epoll) }

  // MARK: The loop

  /// Runs until draining has ended and the last connection is gone.
  func run() {
    var events = [epoll_event](repeating: epoll_event(), count: 256)
    while !(isDraining && openCount == 0) {
      let count = epoll_wait(epoll, &events, Int32(events.count), waitMilliseconds())
      now = MonotonicTime.now
      for index in 0..<max(0, Int(count)) {
        hasMoreEvents = index + 1 < count && dirty.count < EventLoop.roundCount
        dispatch(UInt64(events[index].data.u64), events[index].events)
        if !hasMoreEvents { flushDirty() }
      }
      fireTimers()
      settle()
      takeHandshakeStep()
    }
    for job in mailbox.close() {
      // A dial that comes too late must still answer its caller.
      if case .onLoop(let body) = job { body(self) }
    }
  }

  /// One step of the connection that has waited for the longest; those that ended in the line are passed over.
  private func takeHandshakeStep() {
    while let slot = handshakes.popFirst() {
      guard let connection = connection(slot) else { continue }
      connection.takeHandshakeStep()
      return settle()
    }
  }

  private func dispatch(_ token: UInt64, _ events: UInt32) {
    if token == Token.mailbox {
      for job in mailbox.takeAll() { perform(job) }
    } else if token > Token.firstListener {
      let index = Int(token - Token.firstListener - 1)
      if index < listeners.count { listeners[index].accept(on: self) }
    } else if let connection = connection(SlotID(packed: token)) {
      connection.handle(events)
    }
  }

  private func perform(_ job: Mailbox.Job) {
    switch job {
    case .onLoop(let body): body(self)
    case .onConnection(let slot, let body):
      if let connection = connection(slot) { body(connection) }
    }
  }

  /// Continues connections that have waiting bytes, then sends what this turn wrote: one flush a connection.
  private func settle() {
    // What a connection marks while it continues or flushes waits for the next round, and after four for the next turn.
    for _ in 0..<4 {
      if ready.isEmpty && dirty.isEmpty { return }
      swap(&ready, &continuing)
      for connection in continuing {
        connection.isReady = false
        connection.continueInput()
      }
      continuing.removeAll(keepingCapacity: true)
      flushDirty()
    }
  }

  private func flushDirty() {
    guard !dirty.isEmpty else { return }
    swap(&dirty, &flushing)
    for connection in flushing where connection.isDirty { connection.flush() }
    flushing.removeAll(keepingCapacity: true)
  }

  private func waitMilliseconds() -> Int32 {
    guard ready.isEmpty && dirty.isEmpty && handshakes.isEmpty else { return 0 }
    guard let earliest = timers.earliest else { return -1 }
    var nanoseconds = now.nanoseconds(until: earliest)
    // The turn's own length matters to near timers only.
    if nanoseconds < 1_000_000_000 { nanoseconds = MonotonicTime.now.nanoseconds(until: earliest) }
    return Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
  }

  private func fireTimers() {
    guard timers.count > 0 else { return }
    while let entry = timers.removeDue(now) {
      connection(entry.slot)?.fire(entry.tag)
    }
  }

  func markDirty(_ connection: Connection) {
    guard !connection.isDirty else { return }
    connection.isDirty = true
    dirty.append(connection)
  }

  func markReady(_ connection: Connection) {
    guard !connection.isReady else { return }
    connection.isReady = true
    ready.append(connection)
  }

  /// Lets a connection, whose socket is not watched meanwhile, take a step of its handshake when it is its turn.
  func queueHandshake(_ connection: Connection) { handshakes.append(connection.slot) }

  // MARK: What connections share

  func takeInputBlock() -> ByteBuffer { EventLoop.take(&inputBlock) }
  func takeOutputBlock() -> ByteBuffer { EventLoop.take(&outputBlock) }

  func giveBack(inputBlock block: inout ByteBuffer) { EventLoop.give(&block, &inputBlock) }
  func giveBack(outputBlock block: inout ByteBuffer) { EventLoop.give(&block, &outputBlock) }

  var outputBlockCount: Int { outputBlock.count }

  func writeOutputBlock(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
    body(UnsafeMutableRawBufferPointer(start: outputBlock.reserve(count), count: count))
    outputBlock.commit(count)
  }

  private static func take(_ place: inout ByteBuffer) -> ByteBuffer {
    var block = ByteBuffer()
    swap(&block, &place)
    return block
  }

  /// A block that grew is let go of, so that one large answer is not paid for ever after.
  private static func give(_ block: inout ByteBuffer, _ place: inout ByteBuffer) {
    block.recycle()
    if block.capacity != blockBytes { block = ByteBuffer(capacity: blockBytes) }
    swap(&block, &place)
  }

  /// Lets the connection keep its record buffers, at another one's expense.
  func keepWarm(_ connection: Connection) {
    connection.isWarm = true
    guard let slot = warm.admit(connection.slot), let evicted = self.connection(slot) else { return }
    evicted.isWarm = false
    evicted.tls?.releaseBuffers()
  }

  /// See ``Connection/loopState(of:make:)``. The owner is kept, so that no other object can come to have its identity.
  func state(of owner: AnyObject, make: () -> AnyObject?) -> AnyObject? {
    let key = ObjectIdentifier(owner)
    if let known = states[key]?.state { return known }
    guard let fresh = make() else { return nil }
    states[key] = (owner, fresh)
    return fresh
  }

  // MARK: Listeners

  func add(_ listener: Listener) throws(TransportError) {
    listeners.append(listener)
    try watch(listener.descriptor, EPOLLIN.rawValue, Token.firstListener + UInt64(listeners.count))
  }

  /// Takes what the kernel has accepted already, then stops listening and asks every connection to finish.
  func drain() {
    guard !isDraining else { return }
    for listener in listeners { listener.accept(isLast: true, on: self) }
    isDraining = true
    listeners.removeAll()
    for connection in connections { connection?.beginDraining() }
  }

  /// Ends what has not ended by itself.
  func abortAll() {
    drain()
    for connection in connections { connection?.abort(.draining) }
  }

  // MARK: Connections

  func connection(_ slot: SlotID) -> Connection? {
    let index = Int(slot.index)
    guard index < connections.count, generations[index] == slot.generation else { return nil }
    return connections[index]
  }

  /// A free place for a connection, to be filled by ``insert(_:)`` before anything else happens.
  func nextSlot() -> SlotID {
    guard let index = freeSlots.last else {
      connections.append(nil)
      generations.append(0)
      freeSlots.append(UInt32(connections.count - 1))
      return SlotID(index: UInt32(connections.count - 1), generation: 0)
    }
    return SlotID(index: index, generation: generations[Int(index)])
  }

  /// Puts a connection in the place that ``nextSlot()`` gave it and watches its socket.
  func insert(_ connection: Connection) throws(TransportError) {
    let interest = connection.wantedInterest
    try watch(connection.socket.descriptor, interest, connection.slot.packed)
    connection.interest = interest
    freeSlots.removeLast()
    connections[Int(connection.slot.index)] = connection
    openCount += 1
    ebb.connectionOpened(open: openCount)
  }

  func remove(_ connection: Connection) {
    let index = Int(connection.slot.index)
    guard index < connections.count, connections[index] === connection else { return }
    epoll_ctl(epoll, Int32(EPOLL_CTL_DEL), connection.socket.descriptor, nil)
    connections[index] = nil
    // Generations stay below the tokens of the mailbox and the listeners.
    generations[index] = (generations[index] + 1) & 0x7FFF_FFFF
    freeSlots.append(UInt32(index))
    openCount -= 1
    ebb.connectionClosed(open: openCount)
  }

  func forgetInput(_ connection: Connection) {
    inputBytes -= connection.input.count
    connection.input.clear()
    connection.countInput()
  }

  /// Of those at `place`'s listener, and in its network where it is full, who holds most of unfinished requests without
  /// having proved who it is.
  func greediestStranger(in place: ConnectionPlace, ofNetworkOnly: Bool) -> Connection? {
    var greediest: Connection?
    for case let connection? in connections where connection.strangerBytes > greediest?.strangerBytes ?? 0 {
      guard case .server(let its, _) = connection.role, its.admission === place.admission,
        !ofNetworkOnly || its.network == place.network
      else { continue }
      greediest = connection
    }
    return greediest
  }

  /// Cuts off who holds most until the rest fits in `budget`: whoever comes next may be as modest as anyone.
  func shedInput(downTo budget: Int) {
    while inputBytes > budget {
      let largest = connections.lazy.compactMap { $0 }.max { $0.input.count < $1.input.count }
      guard let largest, !largest.input.isEmpty else { return }
      largest.abort(.limit("memory for unfinished requests"))
    }
  }

  func modifyInterest(_ connection: Connection) {
    var event = epoll_event()
    event.events = connection.interest
    event.data.u64 = connection.slot.packed
    epoll_ctl(epoll, Int32(EPOLL_CTL_MOD), connection.socket.descriptor, &event)
  }

  private func watch(_ descriptor: Int32, _ events: UInt32, _ token: UInt64) throws(TransportError) {
    var event = epoll_event()
    event.events = events
    event.data.u64 = token
    guard epoll_ctl(epoll, Int32(EPOLL_CTL_ADD), descriptor, &event) == 0 else { throw .system("epoll_ctl") }
  }
}
