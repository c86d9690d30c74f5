/// `text` in backticks for a message: control characters escaped, and cut when it is longer than a name can be.
public func quoted(_ text: String) -> String {
  let limit = 80
  let mark = text.unicodeScalars.contains("`") ? "'" : "`"
  var result = mark
  for scalar in text.unicodeScalars.prefix(limit) {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
      result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + (text.unicodeScalars.dropFirst(limit).isEmpty ? "" : "…") + mark
}
