import Testing

@testable import FederationServer

@Suite struct MetricsTextTests {
  @Test("a family has its help, its type and a line for each number, with what the format gives a meaning escaped")
  func families() {
    var text = MetricsText()
    text.add("a_total", .counter, "Two\nlines, a \\ and \"quotes\".", [])
    text.add(
      "b", .gauge, "Help.",
      [.init([("x", "a\"b\\c\nd"), ("y", "é")], 1), .init([("x", "")], -2), .init([], 0.5), .init([("z", "1")], true)])
    text.add("c", .gauge, "Help.", UInt64.max)
    #expect(
      text.text == """
        # HELP a_total Two\\nlines, a \\\\ and "quotes".
        # TYPE a_total counter
        # HELP b Help.
        # TYPE b gauge
        b{x="a\\"b\\\\c\\nd",y="é"} 1
        b{x=""} -2
        b 0.5
        b{z="1"} 1
        # HELP c Help.
        # TYPE c gauge
        c 18446744073709551615

        """)
  }

  @Test("buckets of a histogram add up, the last one being all")
  func histograms() {
    var text = MetricsText()
    text.add("h", "Help.", bounds: [0.001, 1], [([("m", "x")], .init(within: [2, 3], count: 6, sum: 1.25))])
    #expect(
      text.text == """
        # HELP h Help.
        # TYPE h histogram
        h_bucket{m="x",le="0.001"} 2
        h_bucket{m="x",le="1.0"} 5
        h_bucket{m="x",le="+Inf"} 6
        h_sum{m="x"} 1.25
        h_count{m="x"} 6

        """)
  }
}
