import LoadGenerator

/// `federation-bench plot`.
enum PlotCommand {
  static let usage = """
    usage: federation-bench plot --input FILE --kind throughput-latency|cost-connections --output FILE
      --input FILE   JSON: an array of {"series":"ttrpc","x":90692,"y":5083}, with "label" where a point is to have
                     one, or {"title":…,"x_label":…,"y_label":…,"points":[…]} with that array
      --kind         throughput-latency: y is logarithmic; cost-connections: x is
      --output FILE  where the SVG goes
    """

  static func run(_ arguments: [String]) throws {
    let flags = try Arguments(arguments, flags: ["input", "kind", "output"])
    let input = try flags.required("input")
    let output = try flags.required("output")
    guard let kind = try flags.choice("kind", Plot.Kind.self) else { throw UsageError("--kind is required") }
    let plot = Plot(try PlotInput(try ByteFile.read(input)), kind: kind)
    try ByteFile.write(Array(plot.svg.utf8), to: output)
  }
}
