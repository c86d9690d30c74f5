import Testing

@testable import FederationAPI

@Suite struct CallCountsTests {
  @Test("each wire, method and code has a place of its own, within the table")
  func places() {
    let places = CallWire.allCases.flatMap { wire in
      CallMethod.allCases.flatMap { method in
        StatusCode.allCases.map { CallTotals.place(wire, method, $0) }
      }
    }
    #expect(Set(places).count == places.count)
    #expect(places.max() == CallTotals.answeredCount - 1)
    #expect(Set(CallMethod.allCases.map(\.name)).count == CallMethod.allCases.count)
    #expect(Set(CallWire.allCases.map(\.name)).count == CallWire.allCases.count)
  }

  @Test("totals are a copy, and those of two loops add up")
  func totals() {
    let (first, second) = (CallCounts(), CallCounts())
    first.answered(.grpc, .reflection, .unauthenticated)
    first.opened(.ttrpc)
    first.opened(.ttrpc)
    first.closed(.ttrpc)
    second.answered(.grpc, .reflection, .unauthenticated)
    second.waited(.http2, .generate, nanoseconds: 3_000_000)
    second.opened(.http1)
    var sum = first.totals
    first.answered(.grpc, .reflection, .unauthenticated)
    sum.add(second.totals)
    #expect(sum.answered(.grpc, .reflection, .unauthenticated) == 2)
    #expect(sum.answered(.grpc, .reflection, .ok) == 0)
    #expect(CallWire.allCases.map(sum.connections) == [1, 0, 1, 0])
    #expect(sum.waits(.http2, .generate).count == 1)
    #expect(sum.waits(.http1, .generate) == DurationCounts())
  }

  @Test("a duration is in the first bound that it does not pass, and one past all is counted alone")
  func durations() {
    var durations = DurationCounts()
    for nanoseconds: UInt64 in [0, 1_000_000, 1_000_001, 10_000_000_000, 10_000_000_001] {
      durations.add(nanoseconds: nanoseconds)
    }
    #expect(durations.within == [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    #expect(durations.count == 5)
    #expect(durations.nanoseconds == 20_002_000_002)
  }
}
