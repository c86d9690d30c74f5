import FederationAPI
import Resources

extension FuzzTarget {
  /// A duration is finite; a time is written so that it reads the same.
  static let times = FuzzTarget(text: "times") { text in
    if let duration = GoDuration(text) {
      try hold(duration.seconds.isFinite && duration.seconds >= 0, "a duration is finite")
      try hold(duration.text.utf8.elementsEqual(text.utf8), "a duration keeps its text")
    }
    // 9999-12-31T23:59:59Z is the last that can be written; an offset can name a later one.
    guard let seconds = RFC3339.seconds(text), seconds <= 253_402_300_799 else { return }
    try hold(RFC3339.seconds(RFC3339.text(seconds: seconds)) == seconds, "a time comes back")
  }
}
