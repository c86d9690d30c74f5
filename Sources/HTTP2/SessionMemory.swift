import CNghttp2
import FederationAPI
import Glibc

/// The memory of nghttp2's sessions. Its HPACK tables hold header fields, tokens among them, for as long as a connection
/// lives: what is large enough for a token lies where no core dump has it, and everything is wiped when it is given back.
enum SessionMemory {
  /// No token that a federation verifies is so short: its signature alone takes a third of this.
  private static let secretBytes = 256
  /// Before each piece, its size with this head. Keeps the alignment that malloc gives.
  private static let headBytes = 16

  /// What nghttp2 is made with.
  static var functions: nghttp2_mem {
    nghttp2_mem(
      mem_user_data: nil,
      malloc: { size, _ in SessionMemory.allocate(size) },
      free: { piece, _ in if let piece { SessionMemory.free(piece) } },
      calloc: { count, size, _ in
        let (bytes, isTooMuch) = count.multipliedReportingOverflow(by: size)
        guard !isTooMuch, let piece = SessionMemory.allocate(bytes) else { return nil }
        memset(piece, 0, bytes)
        return piece
      },
      realloc: { piece, size, _ in
        guard let fresh = SessionMemory.allocate(size) else { return nil }
        guard let piece else { return fresh }
        memcpy(fresh, piece, min(size, SessionMemory.total(piece) - SessionMemory.headBytes))
        SessionMemory.free(piece)
        return fresh
      })
  }

  private static func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    let (total, isTooMuch) = size.addingReportingOverflow(headBytes)
    guard !isTooMuch else { return nil }
    guard let start = total < secretBytes ? malloc(total) : SecretHeap.allocate(total) else { return nil }
    start.storeBytes(of: total, as: Int.self)
    return start + headBytes
  }

  private static func total(_ piece: UnsafeMutableRawPointer) -> Int { (piece - headBytes).load(as: Int.self) }

  private static func free(_ piece: UnsafeMutableRawPointer) {
    let (start, total) = (piece - headBytes, total(piece))
    guard total < secretBytes else { return SecretHeap.free(start, total) }
    explicit_bzero(start, total)
    Glibc.free(start)
  }
}
