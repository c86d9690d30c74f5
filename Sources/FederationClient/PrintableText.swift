import FederationAPI

/// Text of a server's choice, made fit for a terminal and a log.
enum PrintableText {
  /// The longest error text that is passed on, in characters.
  static let maximumMessage = 300

  /// `error` with its message made fit.
  static func of(_ error: RPCError) -> RPCError {
    var printable = error
    printable.message = of(error.message, limit: maximumMessage)
    return printable
  }

  /// At most `limit` characters, with a space for each control or format character.
  static func of(_ text: String, limit: Int = 100) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(limit) {
      let isControl = scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
      result.append(isControl ? " " : scalar)
    }
    return String(result)
  }
}
