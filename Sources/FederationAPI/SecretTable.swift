/// Secrets by key, for lookups by bytes that stand in somebody's buffer: a hash table with open addressing over records
/// that lie packed in one piece of memory. In a table of millions each place that is looked at is a wait for memory:
/// here it is one slot, and one record with key and value side by side.
///
/// Keys are an operator's, not a caller's, so that nobody can make them collide; see ``Swift/RawSpan/tableHash``.
public final class SecretTable: @unchecked Sendable {
  // Why @unchecked holds: both pieces of memory are written in init only.

  /// Before a record's key and value.
  private struct RecordHead {
    var keyCount: UInt32
    var valueCount: UInt32
  }

  private static let recordAlignment = 8
  private let records: SecretMemory
  /// For each slot 0 where it is empty, or else the hash's upper half above the number of the record's first word
  /// plus one.
  private let slots: SecretMemory
  private let mask: Int

  /// Copies `values`, one for each key.
  public init(_ values: [[UInt8]: SecretBytes]) {
    // At most half full, so that a lookup ends after one or two slots.
    var capacity = 8
    while capacity < values.count * 2 { capacity *= 2 }
    mask = capacity - 1
    slots = SecretMemory(tableBytes: capacity * MemoryLayout<UInt64>.stride)
    records = SecretMemory(tableBytes: values.reduce(0) { $0 + SecretTable.recordBytes($1.key.count, $1.value.count) })
    var end = 0
    for (key, value) in values {
      value.withBytes { insert(key.span.bytes, $0, at: end) }
      end += SecretTable.recordBytes(key.count, value.count)
    }
  }

  private static func recordBytes(_ keyCount: Int, _ valueCount: Int) -> Int {
    let count = MemoryLayout<RecordHead>.size + keyCount + valueCount
    return (count + recordAlignment - 1) / recordAlignment * recordAlignment
  }

  private func insert(_ key: RawSpan, _ value: RawSpan, at offset: Int) {
    precondition(offset / SecretTable.recordAlignment < Int(UInt32.max), "a table of secrets holds at most 32 GiB")
    let record = records.start + offset
    let head = RecordHead(keyCount: UInt32(key.byteCount), valueCount: UInt32(value.byteCount))
    record.storeBytes(of: head, as: RecordHead.self)
    var place = record + MemoryLayout<RecordHead>.size
    for part in [key.withUnsafeBytes { $0 }, value.withUnsafeBytes { $0 }] {
      if let source = part.baseAddress { place.copyMemory(from: source, byteCount: part.count) }
      place += part.count
    }
    let hash = key.tableHash
    var index = Int(truncatingIfNeeded: hash) & mask
    while slot(index) != 0 { index = (index + 1) & mask }
    let content = hash & SecretTable.hashBits | UInt64(offset / SecretTable.recordAlignment + 1)
    slots.start.storeBytes(of: content, toByteOffset: index * MemoryLayout<UInt64>.stride, as: UInt64.self)
  }

  private static let hashBits: UInt64 = 0xFFFF_FFFF_0000_0000

  private func slot(_ index: Int) -> UInt64 {
    slots.start.load(fromByteOffset: index * MemoryLayout<UInt64>.stride, as: UInt64.self)
  }

  /// The value of `key`, or nil when there is none. Allocates nothing.
  public func value(of key: RawSpan) -> SecretBytes? {
    let hash = key.tableHash
    var index = Int(truncatingIfNeeded: hash) & mask
    while true {
      let content = slot(index)
      if content == 0 { return nil }
      if (content ^ hash) & SecretTable.hashBits == 0 {
        let offset = (Int(truncatingIfNeeded: content & ~SecretTable.hashBits) - 1) * SecretTable.recordAlignment
        let head = records.start.load(fromByteOffset: offset, as: RecordHead.self)
        let keyStart = offset + MemoryLayout<RecordHead>.size
        let found = UnsafeRawBufferPointer(start: records.start + keyStart, count: Int(head.keyCount))
        if key.isEqual(to: found.bytes) {
          let valueStart = keyStart + Int(head.keyCount)
          return SecretBytes(records, valueStart..<valueStart + Int(head.valueCount))
        }
      }
      index = (index + 1) & mask
    }
  }

  /// Every key, in no order.
  public var keys: [[UInt8]] {
    (0...mask).compactMap { index in
      let content = slot(index)
      guard content != 0 else { return nil }
      let offset = (Int(truncatingIfNeeded: content & ~SecretTable.hashBits) - 1) * SecretTable.recordAlignment
      let head = records.start.load(fromByteOffset: offset, as: RecordHead.self)
      let start = records.start + offset + MemoryLayout<RecordHead>.size
      return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(head.keyCount)))
    }
  }
}
