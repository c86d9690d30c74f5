/// The little that is read of the XML that STS answers with.
enum XMLElement {
  /// The text of the first element `name` that has no attributes; nil for one with markup or escapes in it, which none
  /// of the elements read here has.
  static func text(_ name: String, of xml: String) -> String? {
    guard let start = xml.firstRange(of: "<\(name)>") else { return nil }
    let rest = xml[start.upperBound...]
    let text = rest.prefix { $0 != "<" && $0 != "&" }
    return rest[text.endIndex...].hasPrefix("</\(name)>") ? String(text) : nil
  }
}
