import FederationAPI
import Testing

@testable import TTRPC

@Suite struct StreamIDsTests {
  @Test("ids are odd and rise, with any gaps")
  func order() {
    var ids = StreamIDs()
    let codes = [1, 101, .max, .max].map { ids.open($0)?.code }
    #expect(codes == [nil, nil, nil, .invalidArgument])
  }

  @Test("even and repeated ids are refused and change nothing", arguments: [0, 2, 1, 5, .max - 1] as [UInt32])
  func refused(id: UInt32) {
    var ids = StreamIDs()
    let codes = [5, id, 7].map { ids.open($0)?.code }
    #expect(codes == [nil, .invalidArgument, nil])
  }

  @Test("Data of a refused stream is swallowed until its end")
  func swallow() {
    var ids = StreamIDs()
    ids.refuse(3)
    let swallowed = [
      ids.swallows(3, isEnd: false), ids.swallows(5, isEnd: false), ids.swallows(3, isEnd: true),
      ids.swallows(3, isEnd: false),
    ]
    #expect(swallowed == [true, false, true, false])
  }

  @Test("a peer cannot have any number of refused streams remembered")
  func bounded() {
    var ids = StreamIDs()
    for id in 0..<5_000 as Range<UInt32> { ids.refuse(id * 2 + 1) }
    let remembered = (0..<5_000 as Range<UInt32>).count { ids.swallows($0 * 2 + 1, isEnd: false) }
    #expect(remembered == 1_024)
  }
}
