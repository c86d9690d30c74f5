/// Builds an SVG 1.1 document of lines, marks and texts.
struct SVGText {
  enum Anchor: String { case start, middle, end }

  private var text: String

  init(width: Double, height: Double, label: String) {
    text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(width))" height="\(Int(height))" \
      viewBox="0 0 \(Int(width)) \(Int(height))" role="img" aria-label="\(Self.escaped(label))" \
      font-family="Helvetica, Arial, sans-serif" fill="#222222">
      <rect width="100%" height="100%" fill="#FFFFFF"/>

      """
  }

  var finished: String { text + "</svg>\n" }

  mutating func text(
    _ content: String, x: Double, y: Double, size: Int = 12, bold: Bool = false, anchor: Anchor = .start,
    isVertical: Bool = false
  ) {
    let weight = bold ? " font-weight=\"bold\"" : ""
    let turn = isVertical ? " transform=\"rotate(-90 \(Self.number(x)) \(Self.number(y)))\"" : ""
    text += "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(size)\" "
    text += "text-anchor=\"\(anchor.rawValue)\"\(weight)\(turn)>\(Self.escaped(content))</text>\n"
  }

  mutating func line(_ points: [(x: Double, y: Double)], colour: String, width: Double) {
    let places = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
    text += "<polyline points=\"\(places)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"\(width)\"/>\n"
  }

  /// A mark of the form that belongs to the series numbered `index`: disc, square, triangle, diamond, in turn.
  mutating func mark(_ index: Int, x: Double, y: Double, colour: String) {
    let corners: [(Double, Double)]
    switch index % 4 {
    case 0:
      text += "<circle cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"4.5\" fill=\"\(colour)\"/>\n"
      return
    case 1: corners = [(-4, -4), (4, -4), (4, 4), (-4, 4)]
    case 2: corners = [(0, -5.5), (5, 4), (-5, 4)]
    default: corners = [(0, -6), (5, 0), (0, 6), (-5, 0)]
    }
    let places = corners.map { "\(Self.number(x + $0.0)),\(Self.number(y + $0.1))" }.joined(separator: " ")
    text += "<polygon points=\"\(places)\" fill=\"\(colour)\"/>\n"
  }

  private static func number(_ value: Double) -> String { "\(rounded(value, 2))" }

  /// XML 1.0 section 2.4; control characters, which XML cannot hold, are left out.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
