import Testing

@testable import TTRPC

@Suite struct FrameReaderTests {
  /// Shows `bytes` in pieces as a connection would, and collects what comes out.
  private func steps(_ bytes: [UInt8], pieces: [Int], maximum: Int = 100) -> [FrameReader.Step] {
    var reader = FrameReader(maximumLength: maximum)
    var steps: [FrameReader.Step] = []
    var kept: [UInt8] = []
    var rest = bytes[...]
    for piece in pieces + [bytes.count] {
      kept += rest.prefix(piece)
      rest = rest.dropFirst(piece)
      var offset = 0
      while true {
        let step = reader.next(in: kept.span.bytes, at: &offset)
        if step == .incomplete || step == .broken {
          if step == .broken { return steps + [.broken] }
          break
        }
        steps.append(step)
      }
      kept.removeFirst(offset)
    }
    return steps
  }

  @Test("a header is ten bytes, big-endian")
  func header() {
    let header = FrameHeader(length: 0x0001_0203, streamID: 0x8405_0607, kind: 2, flags: 9)
    let bytes: [UInt8] = [0, 1, 2, 3, 0x84, 5, 6, 7, 2, 9]
    let written = header.bytes
    #expect(written.indices.map { written[$0] } == bytes)
    #expect(FrameHeader(bytes.span.bytes, at: 0) == header)
  }

  @Test("frames come out whole, wherever the bytes are cut")
  func everyCut() {
    let bytes = Wire.frame(1, kind: 1, [1, 2, 3]) + Wire.frame(3, kind: 9, []) + Wire.frame(5, kind: 3, flags: 5, [7])
    for cut in 0..<bytes.count {
      let headers = steps(bytes, pieces: [cut]).map { step -> [UInt32] in
        guard case .frame(let header, let range) = step else { return [] }
        return [header.streamID, UInt32(header.kind), UInt32(header.flags), UInt32(range.count)]
      }
      #expect(headers == [[1, 1, 0, 3], [3, 9, 0, 0], [5, 3, 5, 1]], "cut at \(cut)")
    }
  }

  @Test("a frame over the limit is told at once, skipped in pieces, and the next one is read")
  func tooLarge() {
    let bytes = Wire.frame(1, kind: 1, [UInt8](repeating: 1, count: 101)) + Wire.frame(3, kind: 1, [5])
    for cut in [10, 11, 50, 110, 111, 112, 121] {
      let seen = steps(bytes, pieces: [cut])
      #expect(seen.first == .tooLarge(FrameHeader(length: 101, streamID: 1, kind: 1)))
      #expect(seen.count == 2)
    }
    #expect(steps(Wire.frame(1, kind: 1, [UInt8](repeating: 1, count: 100)), pieces: []).count == 1)
  }

  @Test("a first byte that is not 0 is broken, even alone")
  func broken() {
    #expect(steps([1], pieces: []) == [.broken])
    #expect(steps(Array("GET / HTTP/1.1\r\n".utf8), pieces: []) == [.broken])
    #expect(steps(Wire.frame(1, kind: 1, []) + [0x16], pieces: []).last == .broken)
  }

  @Test("says how much of a frame is awaited")
  func unfinished() {
    var reader = FrameReader(maximumLength: 100)
    let bytes = Wire.frame(1, kind: 1, [UInt8](repeating: 0, count: 50))
    for count in 0...bytes.count {
      var offset = 0
      let step = reader.next(in: bytes.span.bytes.extracting(0..<count), at: &offset)
      #expect((step == .incomplete) == (count < 60))
      #expect(reader.unfinished == (count == 0 || count == 60 ? 0 : count < 10 ? 10 : 60))
    }
  }
}
