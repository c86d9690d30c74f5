import FederationAPI

/// Files that change together or not at all.
enum StagedFileSet {
  /// Writes `files`, by path. When one of them cannot be staged or put in place, those that were are taken back.
  static func write(
    _ files: [(path: String, value: SecretBytes)], _ attributes: FileAttributes
  ) throws(InjectionError) {
    var staged: [StagedFile] = []
    do throws(InjectionError) {
      for (path, value) in files {
        let file = try value.withBytes { (bytes) throws(InjectionError) in
          try StagedFile(path: path, bytes: bytes, attributes: attributes)
        }
        staged.append(file)
      }
    } catch {
      for file in staged { file.discard() }
      throw error
    }
    try commit(staged)
  }

  /// Puts `staged` in place.
  static func commit(_ staged: [StagedFile]) throws(InjectionError) {
    var placed: [(file: StagedFile, previous: StagedFile.Previous)] = []
    do throws(InjectionError) {
      for file in staged { placed.append((file, try file.place())) }
    } catch {
      for file in staged.dropFirst(placed.count) { file.discard() }
      for (file, previous) in placed.reversed() { file.takeBack(previous) }
      throw error
    }
    for (file, previous) in placed { file.finish(previous) }
  }
}
