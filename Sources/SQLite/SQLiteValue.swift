/// A value to bind to a statement's parameter.
public enum SQLiteValue: Sendable, Equatable {
  /// NULL.
  case null
  /// A 64-bit integer.
  case integer(Int64)
  /// A text; it may hold NUL.
  case text(String)
  /// Bytes; an empty array is an empty blob, not NULL.
  case blob([UInt8])
}
