import CLinux

/// Regions of memory that no core dump holds, each cut into pieces of one size. Sizes are powers of two. A region whose
/// pieces have all come back is given back to the system, unless it is the only one of its size that has room.
struct SecretRegions {
  /// The largest piece; seven of them fit in a region, besides its head.
  static let largestPiece = 128 << 10
  private static let smallestPieceBits = 4
  private static let regionBytes = 1 << 20
  private static let sizes = 14

  /// At a region's start. Regions are aligned to their size, so that a piece's address tells its region's.
  private struct Head {
    /// In the list of regions of the same size that have room.
    var previous: UnsafeMutablePointer<Head>?
    var next: UnsafeMutablePointer<Head>?
    /// Pieces that came back; each holds the address of the next.
    var returned: UnsafeMutableRawPointer?
    /// Where the pieces begin that nobody has had yet.
    var untouched: Int
    var used: Int
  }

  private var withRoom = [UnsafeMutablePointer<Head>?](repeating: nil, count: SecretRegions.sizes)

  private static func size(of count: Int) -> Int {
    max(0, Int.bitWidth - max(0, count - 1).leadingZeroBitCount - smallestPieceBits)
  }
  private static func pieceBytes(_ size: Int) -> Int { 1 << (size + smallestPieceBits) }

  /// A piece of at least `count` bytes.
  mutating func take(_ count: Int) -> UnsafeMutableRawPointer {
    let size = SecretRegions.size(of: count)
    let bytes = SecretRegions.pieceBytes(size)
    let region = withRoom[size] ?? addRegion(size)
    region.pointee.used += 1
    let piece: UnsafeMutableRawPointer
    if let returned = region.pointee.returned {
      piece = returned
      region.pointee.returned = returned.load(as: UnsafeMutableRawPointer?.self)
    } else {
      piece = UnsafeMutableRawPointer(region) + region.pointee.untouched
      region.pointee.untouched += bytes
    }
    if !SecretRegions.hasRoom(region, bytes) { remove(region, size) }
    return piece
  }

  /// Takes back a piece that was taken for `count` bytes.
  mutating func give(_ piece: UnsafeMutableRawPointer, _ count: Int) {
    let size = SecretRegions.size(of: count)
    let offset = Int(bitPattern: piece) & (SecretRegions.regionBytes - 1)
    let region = (piece - offset).assumingMemoryBound(to: Head.self)
    let hadRoom = SecretRegions.hasRoom(region, SecretRegions.pieceBytes(size))
    piece.storeBytes(of: region.pointee.returned, as: UnsafeMutableRawPointer?.self)
    region.pointee.returned = piece
    region.pointee.used -= 1
    if !hadRoom { insert(region, size) }
    guard region.pointee.used == 0, region.pointee.previous != nil || region.pointee.next != nil else { return }
    remove(region, size)
    munmap(region, SecretRegions.regionBytes)
  }

  private static func hasRoom(_ region: UnsafeMutablePointer<Head>, _ bytes: Int) -> Bool {
    region.pointee.returned != nil || region.pointee.untouched + bytes <= regionBytes
  }

  private mutating func addRegion(_ size: Int) -> UnsafeMutablePointer<Head> {
    guard let start = clinux_map_secret_region(SecretRegions.regionBytes) else { fatalError("no memory for secrets") }
    let region = start.bindMemory(to: Head.self, capacity: 1)
    let first = max(SecretRegions.pieceBytes(size), 64)
    region.initialize(to: Head(previous: nil, next: nil, returned: nil, untouched: first, used: 0))
    insert(region, size)
    return region
  }

  private mutating func insert(_ region: UnsafeMutablePointer<Head>, _ size: Int) {
    region.pointee.previous = nil
    region.pointee.next = withRoom[size]
    withRoom[size]?.pointee.previous = region
    withRoom[size] = region
  }

  private mutating func remove(_ region: UnsafeMutablePointer<Head>, _ size: Int) {
    if let previous = region.pointee.previous {
      previous.pointee.next = region.pointee.next
    } else {
      withRoom[size] = region.pointee.next
    }
    region.pointee.next?.pointee.previous = region.pointee.previous
    region.pointee.previous = nil
    region.pointee.next = nil
  }
}
