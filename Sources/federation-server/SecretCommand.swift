import CLinux
import CommandLineFlags
import FederationAPI
import SecretStores

/// `federation-server secret put|get|list|delete`: manages the embedded store, also while a server uses it.
enum SecretCommand {
  private static let output = CommandOutput(command: "federation-server secret")

  /// Runs the command that `arguments` (what follows `secret`) name. Returns the exit status: 0 done, 1 failed, 2 when
  /// the command line makes no sense.
  static func run(_ arguments: [String]) async -> Int32 {
    _ = clinux_set_undumpable()
    do throws(UsageError) {
      guard let options = try SecretOptions(arguments) else {
        return output.write(SecretOptions.usage) ? 0 : 1
      }
      return await run(options)
    } catch {
      output.report("\(error)\n\(SecretOptions.usage)")
      return 2
    }
  }

  private static func run(_ options: SecretOptions) async -> Int32 {
    do throws(LocalStoreError) {
      switch options.action {
      case .put(let store, let key): return try await put(options, store, key)
      case .get(let store, let key): return try await get(options, store, key)
      case .list(let store): return try await list(options, store)
      case .delete(let store, let key):
        try await LocalDatabase(directory: options.directory, createIfMissing: false).delete(store: store, key: key)
        return 0
      }
    } catch {
      output.report(error.message)
      return 1
    }
  }

  private static func put(_ options: SecretOptions, _ store: String, _ key: String) async throws(LocalStoreError)
    -> Int32
  {
    let value: SecretBytes
    switch StandardInput.read(limit: LocalDatabase.maximumValueBytes) {
    case .success(let bytes): value = bytes
    case .failure(let error):
      output.report(error.message)
      return 1
    }
    let database = try await LocalDatabase(directory: options.directory)
    let version = try await database.put(store: store, key: key, value: value)
    return output.write("\(store)/\(key) version \(version)\n") ? 0 : 1
  }

  private static func get(_ options: SecretOptions, _ store: String, _ key: String) async throws(LocalStoreError)
    -> Int32
  {
    let database = try await LocalDatabase(directory: options.directory, createIfMissing: false)
    let reference = SecretReference(store: store, key: key, property: options.property)
    switch try await database.get(store: store, key: key, version: options.version).property(of: reference) {
    case .success(let value):
      return value.withBytes { output.write($0) } ? 0 : 1
    case .failure(let error):
      output.report(error.message)
      return 1
    }
  }

  private static func list(_ options: SecretOptions, _ store: String?) async throws(LocalStoreError) -> Int32 {
    let database = try await LocalDatabase(directory: options.directory, createIfMissing: false)
    let listing = SecretListing(secrets: try await database.list(store: store))
    return output.write(options.isJSON ? listing.json : listing.table) ? 0 : 1
  }
}
