/// Rows for people: columns padded to their widest entry.
struct TextTable {
  let rows: [[String]]

  /// One line a row; the last column is not padded.
  var text: String {
    let shown = rows.map { $0.map(Self.printable) }
    let columns = shown.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in shown.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return shown.map { row in
      let padded = row.enumerated().map { column, entry in
        column == row.count - 1 ? entry : entry + String(repeating: " ", count: widths[column] - entry.count + 2)
      }
      return padded.joined() + "\n"
    }.joined()
  }

  /// Subjects and keys are chosen by others: what would move a terminal's cursor or turn its text around is shown as a
  /// mark.
  private static func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
