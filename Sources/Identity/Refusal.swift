/// Why a token, or an open connection's SVID, was not accepted: for the log only, callers are told "Unauthorized".
///
/// The reason never holds the token nor text out of it.
struct Refusal: Error, Equatable {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
