import Glibc

extension FileAttributes {
  /// Gives the open `file` to whom it is to belong, then sets its mode: chown(2) may clear bits of it, and the umask
  /// has no say. `path` names it to the user.
  func apply(to file: Int32, path: String) throws(InjectionError) {
    if user != nil || group != nil {
      // -1 leaves the user or the group as it is.
      guard fchown(file, user ?? .max, group ?? .max) == 0 else {
        throw .system("give \(path) to \(ownerText)", advice: errno == EPERM ? Self.advice : nil)
      }
    }
    guard fchmod(file, mode) == 0 else {
      throw .system("set the mode of \(path)", advice: errno == EPERM ? Self.advice : nil)
    }
  }

  /// Throws when this process cannot read what it gave away: then it could never tell whether the file has changed.
  func checkReadable(_ file: String, path: String) throws(InjectionError) {
    guard user != nil, access(file, R_OK) != 0 else { return }
    throw .system("read \(path) once it is given to \(ownerText)", advice: Self.advice)
  }

  private static let advice = "run as root, or with CAP_CHOWN, CAP_FOWNER and CAP_DAC_OVERRIDE"

  private var ownerText: String { (user.map { "user \($0)" } ?? "") + (group.map { " group \($0)" } ?? "") }
}

extension InjectionError {
  /// What could not be done, and the reason that errno holds.
  static func system(_ action: String, advice: String? = nil) -> InjectionError {
    let reason = String(cString: strerror(errno))
    return InjectionError("cannot \(action): \(reason)" + (advice.map { "; \($0)" } ?? ""))
  }
}
