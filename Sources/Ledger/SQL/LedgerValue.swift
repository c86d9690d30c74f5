/// A value for a statement's parameter.
enum LedgerValue: Sendable, Equatable {
  case null
  case integer(Int64)
  case text(String)

  static func text(_ text: String?) -> LedgerValue {
    if let text { .text(text) } else { .null }
  }

  static func integer(_ number: Int64?) -> LedgerValue {
    if let number { .integer(number) } else { .null }
  }
}

/// What a statement gave.
struct LedgerRows: Sendable {
  var rows: [LedgerRow] = []
  /// How many rows it changed.
  var changed = 0
}

/// One row, read from its first column to its last.
struct LedgerRow: Sendable {
  private let columns: [String?]
  private var next = 0

  init(_ columns: [String?]) { self.columns = columns }

  mutating func optionalText() throws(LedgerError) -> String? {
    guard next < columns.count else { throw LedgerError(.unusable, "a row of the ledger has too few columns") }
    defer { next += 1 }
    return columns[next].map(StoredText.decoded)
  }

  mutating func text() throws(LedgerError) -> String {
    guard let text = try optionalText() else {
      throw LedgerError(.unusable, "a row of the ledger lacks column \(next)")
    }
    return text
  }

  mutating func optionalInteger() throws(LedgerError) -> Int64? {
    guard let text = try optionalText() else { return nil }
    guard let number = Int64(text) else {
      throw LedgerError(.unusable, "column \(next) of a row of the ledger is not a number")
    }
    return number
  }

  mutating func integer() throws(LedgerError) -> Int64 {
    guard let number = try optionalInteger() else {
      throw LedgerError(.unusable, "a row of the ledger lacks column \(next)")
    }
    return number
  }

  /// A text that stands for a case of `Value`.
  mutating func value<Value: RawRepresentable<String>>(_: Value.Type) throws(LedgerError) -> Value {
    guard let value = Value(rawValue: try text()) else {
      throw LedgerError(.unusable, "column \(next) of a row of the ledger has a word that this program does not know")
    }
    return value
  }
}
