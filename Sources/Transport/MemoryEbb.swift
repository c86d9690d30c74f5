import CLinux
import Threads

/// Gives memory back to the system when a crowd of connections has gone: the allocator keeps what they used.
struct MemoryEbb {
  /// Fewer connections than this are not worth the walk through the allocator's arenas.
  private static let crowd = 256
  private var peak = 0

  mutating func connectionOpened(open: Int) { peak = max(peak, open) }

  mutating func connectionClosed(open: Int) {
    guard peak >= MemoryEbb.crowd, open <= peak / 4 else { return }
    peak = open
    // On a thread of its own, since the walk takes milliseconds that no call should wait; a failure costs memory only.
    try? startDetachedThread(name: "ebb") { clinux_return_free_memory() }
  }
}
