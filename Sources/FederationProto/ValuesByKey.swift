import CFederationProto
import FederationAPI

/// The message that has a `map<string, bytes>` with the number 1: what generators give and what ExternalSecrets resolve
/// to. The latter's field 2 says how many seconds the oldest value is past its time.
enum ValuesByKey {
  /// Encodes `values`, keys in byte order. The array holds secrets.
  static func protobuf(_ values: [String: SecretBytes], staleSeconds: UInt32? = nil) -> [UInt8] {
    let sorted = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    func size(_ key: String, _ value: SecretBytes) -> Int {
      ProtobufWriter.fieldSize(key.utf8.count) + ProtobufWriter.fieldSize(value.count)
    }
    let stale = staleSeconds.map { 1 + ProtobufWriter.varintSize(UInt64($0)) } ?? 0
    var writer = ProtobufWriter(
      count: sorted.reduce(stale) { $0 + ProtobufWriter.fieldSize(size($1.key, $1.value)) })
    for (key, value) in sorted {
      writer.begin(1, count: size(key, value))
      writer.append(1, key.utf8.span.bytes)
      value.withBytes { writer.append(2, $0) }
    }
    if let staleSeconds { writer.append(2, varint: UInt64(staleSeconds)) }
    return writer.bytes
  }

  /// Copies the map out of a decoded message.
  static func values<Entry: ValueByKey>(
    _ entries: UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>?, count: Int
  ) -> [String: SecretBytes] {
    var values: [String: SecretBytes] = [:]
    for case let entry? in UnsafeBufferPointer(start: entries, count: count) {
      let value = entry.pointee.value
      values[String(cString: entry.pointee.key)] = SecretBytes(
        UnsafeRawBufferPointer(start: value.data, count: value.len).bytes)
    }
    return values
  }
}

/// What protoc-c gives for an entry of such a map.
protocol ValueByKey {
  var key: UnsafeMutablePointer<CChar>! { get }
  var value: ProtobufCBinaryData { get }
}

extension Federation__V1__GenerateResponse__ValuesEntry: ValueByKey {}
extension Federation__V1__ResolveExternalSecretResponse__DataEntry: ValueByKey {}
