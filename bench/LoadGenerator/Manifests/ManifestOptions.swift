/// What `federation-bench manifests` is asked to write.
package struct ManifestOptions: Sendable {
  /// What `--help` prints.
  package static let usage = """
    usage: federation-bench manifests --directory DIR --issuer-url URL --issuer NAME --ca FILE [flags]
      --directory DIR       where the files go, made when it is not there; it should be empty
      --issuer-url URL      the issuer's documents, as its file `url` says
      --issuer NAME         the tokens' iss, as its file `issuer` says
      --ca FILE             PEM of the issuer's authority
      --authorizations N    app-0 to app-(N-1) may read the store, default 1
      --store NAME          default bench
      --secrets N           key-0 to key-(N-1), default 1
      --keys-per-store N    key k is in store NAME, or NAME-(k / N) when that is not 0; a store holds 128 MiB at most
      --value-size N        bytes of each value, default 64
      --value-sizes S:W,S:W…  sizes with weights: those divided by what they have in common, key k has the size at
                            place k modulo their sum
      --one-per-file N      N files with one manifest each: the federation, the stores, and then Authorizations and
                            small stores in turn, for cold starts
    """

  package var directory = ""
  package var issuerURL = ""
  package var issuer = ""
  package var caFile = ""
  package var authorizations = 1
  package var store = "bench"
  package var secrets = 1
  package var keysPerStore: Int?
  package var values = ValueRule(size: 64)
  package var oneManifestPerFile: Int?

  /// The defaults, for tests to change.
  package init() {}

  /// Reads the words behind `manifests`.
  package init(arguments: [String]) throws(UsageError) {
    let flags = try Arguments(
      arguments,
      flags: [
        "directory", "issuer-url", "issuer", "ca", "authorizations", "store", "secrets", "keys-per-store",
        "value-size", "value-sizes", "one-per-file",
      ])
    directory = try flags.required("directory")
    issuerURL = try flags.required("issuer-url")
    issuer = try flags.required("issuer")
    caFile = try flags.required("ca")
    authorizations = try flags.integer("authorizations", in: 1...10_000_000) ?? authorizations
    store = flags.text("store") ?? store
    secrets = try flags.integer("secrets", in: 1...100_000_000) ?? secrets
    keysPerStore = try flags.integer("keys-per-store", in: 1...100_000_000)
    values = try flags.valueRule()
    oneManifestPerFile = try flags.integer("one-per-file", in: 3...10_000_000)
    if oneManifestPerFile != nil, flags.has("authorizations") {
      throw UsageError("--one-per-file says how many manifests there are: leave --authorizations out")
    }
  }
}
