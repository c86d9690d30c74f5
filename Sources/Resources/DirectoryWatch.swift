import Glibc

/// inotify over a directory, all below it, and the place it stands in.
///
/// What is watched is brought up to date by ``refresh()``: a new directory, a link that leads elsewhere and a root
/// that was moved away are all found again by looking, not by following each event.
struct DirectoryWatch: ~Copyable {
  private static let changes =
    UInt32(IN_CLOSE_WRITE) | UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO)
    | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ATTRIB) | UInt32(IN_EXCL_UNLINK)

  /// Readable when something changed.
  let descriptor: Int32
  private let root: String
  private var watched: Set<Int32> = []
  /// The watch of the directory that holds the root: only events that name the root count there.
  private var parent: Int32 = -1
  private let parentPath: String
  private let rootName: String

  /// Watches nothing yet.
  init(root: String) throws(WatchFailure) {
    var path = root[...]
    while path.hasSuffix("/") && path.utf8.count > 1 { path.removeLast() }
    self.root = String(path)
    rootName = String(path.split(separator: "/").last ?? "")
    let holder = path.dropLast(rootName.count)
    parentPath = holder.isEmpty ? "." : String(holder)
    descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    guard descriptor >= 0 else { throw WatchFailure(directory: root, reason: SystemError(errno).description) }
  }

  deinit { close(descriptor) }

  /// Watches what is there now and forgets what is gone; gives the first reason why a place cannot be watched.
  mutating func refresh() -> SystemError? {
    var found: Set<Int32> = []
    var failure: SystemError?
    parent = inotify_add_watch(descriptor, parentPath, Self.changes | UInt32(IN_ONLYDIR))
    let parentFailure = parent < 0 ? SystemError(errno) : nil
    add(DirectoryEntry(path: root), depth: 0, &found, &failure)
    // A root that is not there yet is seen to arrive, if it has a place to arrive in.
    if found.isEmpty && failure == nil { failure = parentFailure }
    for stale in watched.subtracting(found) where stale != parent { inotify_rm_watch(descriptor, stale) }
    watched = found
    return failure
  }

  private func add(_ entry: DirectoryEntry, depth: Int, _ found: inout Set<Int32>, _ failure: inout SystemError?) {
    let isDirectory = entry.kind == .directory
    // A file is seen through its directory, one behind a link is not.
    guard isDirectory || (entry.kind == .file && (entry.isLink || depth == 0)) else { return }
    let watch = inotify_add_watch(descriptor, entry.path, Self.changes)
    guard watch >= 0 else {
      // Gone since it was listed: its directory reports that.
      if errno != ENOENT && failure == nil { failure = SystemError(errno) }
      return
    }
    guard found.insert(watch).inserted, isDirectory, depth < ManifestFiles.maximumDepth else { return }
    // Listed after the watch began: what appears in between is reported.
    guard let children = try? DirectoryEntry.list(entry.path) else { return }
    for child in children { add(child, depth: depth + 1, &found, &failure) }
  }

  /// Takes all events that wait and says whether one of them may have changed a manifest.
  func drain() -> Bool {
    var isChange = false
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return isChange }
      if holdsChange(buffer.span.bytes.extracting(0..<count)) { isChange = true }
    }
  }

  /// inotify(7): watch, mask, cookie and name length of four bytes each, then the name, padded with zeros.
  private func holdsChange(_ events: RawSpan) -> Bool {
    var offset = 0
    while offset + 16 <= events.byteCount {
      let watch = events.unsafeLoadUnaligned(fromByteOffset: offset, as: Int32.self)
      let mask = events.unsafeLoadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
      let length = Int(events.unsafeLoadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
      let end = min(offset + 16 + length, events.byteCount)
      let name = events.extracting(offset + 16..<end).withUnsafeBytes {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if isChange(watch: watch, mask: mask, name: name) { return true }
      offset = end
    }
    return false
  }

  private func isChange(watch: Int32, mask: UInt32, name: String) -> Bool {
    // After an overflow anything may have changed.
    if mask & UInt32(IN_Q_OVERFLOW) != 0 { return true }
    if mask & UInt32(IN_IGNORED) != 0 { return false }
    if watch == parent && !watched.contains(watch) { return name == rootName }
    // Names with one dot are editors' own; `..data` is a ConfigMap's new content.
    return !name.hasPrefix(".") || name.hasPrefix("..")
  }
}
