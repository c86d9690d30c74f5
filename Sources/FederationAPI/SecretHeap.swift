import CLinux
import Synchronization

/// The memory of secrets, which no core dump holds: small pieces share regions, large ones are mappings of their own.
package enum SecretHeap {
  private static let regions = Mutex(SecretRegions())

  /// At least `count` bytes, aligned to 16 and with any content. Ends the process when there is no memory, as Swift's own
  /// allocation does.
  package static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
    if count <= SecretRegions.largestPiece { return regions.withLock { Piece(start: $0.take(count)) }.start }
    guard let mapped = clinux_map_secrets(count) else { fatalError("no memory for a secret of \(count) bytes") }
    return mapped
  }

  /// Wipes what ``allocate(_:)`` gave for `count`, and takes it back.
  package static func free(_ start: UnsafeMutableRawPointer, _ count: Int) {
    if count > SecretRegions.largestPiece {
      // The system clears pages before anybody gets them again, and needs no second for it on an event loop's thread.
      munmap(start, count)
    } else {
      explicit_bzero(start, count)
      let piece = Piece(start: start)
      regions.withLock { $0.give(piece.start, count) }
    }
  }

  private struct Piece: @unchecked Sendable {
    // Why @unchecked holds: a piece that was taken, or is being given back, is its one owner's.
    let start: UnsafeMutableRawPointer
  }
}
