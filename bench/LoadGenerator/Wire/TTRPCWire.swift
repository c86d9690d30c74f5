/// One ttrpc connection: calls stand in a ring, each at the place that its stream id gives.
final class TTRPCWire: CallWire {
  /// What all connections of a loop share.
  final class Shared {
    var requests: TTRPCRequests
    let reply: TTRPCReply

    init(requests: TTRPCRequests, reply: TTRPCReply) {
      self.requests = requests
      self.reply = reply
    }
  }

  /// ttrpc's own limit.
  private static let maximumLength = 4_194_304

  private let shared: Shared
  private let mask: UInt32
  /// Stream ids by place, 0 where no call is under way.
  private var streams: [UInt32]
  private var calls: [Call]
  private var lastStream: UInt32 = .max
  /// Bytes that the next answer takes at least, as far as it is known: a large one is not looked at for each part.
  private var needed = TTRPCRequests.headerCount

  init(shared: Shared, capacity: Int) {
    self.shared = shared
    // Twice the calls, so that a slow one seldom stands where the next is to go.
    var count = 2
    while count < capacity * 2 { count *= 2 }
    mask = UInt32(count - 1)
    streams = [UInt32](repeating: 0, count: count)
    calls = [Call](repeating: Call(), count: count)
  }

  func send(_ call: Call, to output: some RequestOutput) {
    var place = 0
    repeat {
      // Ids may be left out, as long as each is odd and larger than the last.
      lastStream &+= 2
      place = Int(lastStream >> 1 & mask)
    } while streams[place] != 0
    streams[place] = lastStream
    calls[place] = call
    shared.requests.send(call, streamID: lastStream, to: output)
  }

  func nextReply(in bytes: RawSpan, at offset: inout Int) -> ReplyStep {
    let available = bytes.byteCount - offset
    guard available >= needed else { return .incomplete }
    let length = Int(bytes.bigEndian32(offset))
    guard length <= Self.maximumLength, bytes.byte(offset + 8) == 2 else {
      return .broken("what comes is no ttrpc Response")
    }
    let end = TTRPCRequests.headerCount + length
    guard available >= end else {
      needed = end
      return .incomplete
    }
    needed = TTRPCRequests.headerCount
    let stream = bytes.bigEndian32(offset + 4)
    let place = Int(stream >> 1 & mask)
    guard stream != 0, streams[place] == stream else {
      return .broken("an answer to no call came, on stream \(stream)")
    }
    streams[place] = 0
    let call = calls[place]
    let data = offset + TTRPCRequests.headerCount..<offset + end
    offset += end
    return .reply(call, fault: shared.reply.fault(in: bytes, data, call: call))
  }
}
