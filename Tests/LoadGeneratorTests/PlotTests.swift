import TestSupport
import Testing

@testable import LoadGenerator

@Suite struct PlotTests {
  private static let json = """
    {"title":"A < B & \\"C\\"","x_label":"calls/s","points":[
     {"series":"ttrpc <1>","x":1000,"y":80},{"series":"ttrpc <1>","x":90000,"y":5083,"label":"16x32"},
     {"series":"gRPC & C++","x":20000,"y":0.5}]}
    """

  /// The names and texts of all elements, as an XML parser reads them; nil when it is no XML.
  private func elements(_ svg: String) async throws -> [(name: String, text: String)]? {
    let script = """
      from sys import stdin
      from xml.etree.ElementTree import fromstring
      for element in fromstring(stdin.buffer.read()).iter():
          print(element.tag.split("}")[1] + " " + (element.text or "").strip())
      """
    let python = try ChildProgram(path: "/usr/bin/python3", arguments: ["-c", script], stdin: Array(svg.utf8))
    guard await python.wait() == .status(0) else { return nil }
    return python.stdout.text.split(separator: "\n").map { line in
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return (parts[0], parts[1])
    }
  }

  @Test("the SVG is well-formed and holds every series, axis and label", arguments: Plot.Kind.allCases)
  func wellFormed(kind: Plot.Kind) async throws {
    let svg = Plot(try PlotInput(Array(Self.json.utf8)), kind: kind).svg
    let elements = try #require(try await elements(svg))
    #expect(elements.first?.name == "svg")
    let texts = elements.filter { $0.name == "text" }.map(\.text)
    for wanted in ["A < B & \"C\"", "calls/s", kind.yLabel, "ttrpc <1>", "gRPC & C++", "16x32"] {
      #expect(texts.contains(wanted), "\(wanted) is not in \(texts)")
    }
    // The first series' two points, and its mark in the legend.
    #expect(elements.count { $0.name == "circle" } == 3)
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test("an array of points will do")
  func array() async throws {
    let input = try PlotInput(Array("[{\"series\":\"a\",\"x\":1,\"y\":2}]".utf8))
    #expect(input.series == [.init(name: "a", points: [.init(x: 1, y: 2)])])
    #expect(try await elements(Plot(input, kind: .costConnections).svg) != nil)
  }

  @Test(
    "input without points is told", arguments: ["", "{}", "[]", "[{\"x\":1,\"y\":2}]", "[{\"series\":\"a\",\"x\":1}]"])
  func refused(text: String) {
    #expect(throws: BenchError.self) { try PlotInput(Array(text.utf8)) }
  }

  @Test("axes cover their values, with a few round marks")
  func axes() {
    for values in [[0.3], [7, 95], [1_200, 155_000.0], [3e6]] {
      let axis = PlotAxis(covering: values, logarithmic: false)
      #expect((3...10).contains(axis.ticks.count), "\(axis.ticks)")
      #expect(values.allSatisfy { (0...1).contains(axis.place($0)) })
    }
    for values in [[1, 4_096.0], [50, 60], [0.8, 2e6]] {
      let axis = PlotAxis(covering: values, logarithmic: true)
      #expect((2...10).contains(axis.ticks.count), "\(axis.ticks)")
      #expect(values.allSatisfy { (0...1).contains(axis.place($0)) })
    }
    #expect(PlotAxis.text(1_500) == "1.5k" && PlotAxis.text(20) == "20" && PlotAxis.text(2e6) == "2M")
  }
}
