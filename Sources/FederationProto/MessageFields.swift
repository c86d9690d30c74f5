import CFederationProto
import FederationAPI
import Glibc

/// Copies a request's `ca_crt`, within its limit.
func boundedCertificates(_ field: ProtobufCBinaryData) throws(RPCError) -> [UInt8] {
  guard field.len <= Limits.caCertificates else {
    throw RPCError(
      .resourceExhausted, "request too large: ca_crt is \(field.len) bytes, at most \(Limits.caCertificates)")
  }
  return [UInt8](UnsafeBufferPointer(start: field.data, count: field.len))
}

/// A `bytes` field over `bytes`, which protobuf-c only reads while it packs.
func binary(_ bytes: UnsafeBufferPointer<UInt8>) -> ProtobufCBinaryData {
  ProtobufCBinaryData(len: bytes.count, data: UnsafeMutablePointer(mutating: bytes.baseAddress))
}

/// Lends two strings as C strings, which end at the first NUL: a string that holds one cannot be sent.
func withCStrings<Result>(
  _ first: (field: String, text: String), _ second: (field: String, text: String),
  _ body: (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<CChar>) -> Result
) throws(RPCError) -> Result {
  for (field, text) in [first, second] where text.utf8.contains(0) {
    throw RPCError(.invalidArgument, "\(field) must not hold a NUL character")
  }
  return first.text.withCString { first in
    second.text.withCString { second in
      body(UnsafeMutablePointer(mutating: first), UnsafeMutablePointer(mutating: second))
    }
  }
}

/// As the other form, for three strings.
func withCStrings<Result>(
  _ first: (field: String, text: String), _ second: (field: String, text: String),
  _ third: (field: String, text: String),
  _ body: (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<CChar>, UnsafeMutablePointer<CChar>) -> Result
) throws(RPCError) -> Result {
  try withCStrings(first, third) { _, _ in }
  return try withCStrings(first, second) { first, second in
    third.text.withCString { body(first, second, UnsafeMutablePointer(mutating: $0)) }
  }
}

extension [UInt8] {
  /// Overwrites the elements with zeros, for arrays that held a secret or a token. Wipes a copy, and so nothing,
  /// when another owner shares the array.
  package mutating func wipe() {
    withUnsafeMutableBytes { bytes in
      if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
    }
  }
}
